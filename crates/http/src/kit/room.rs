//! How many requests are worked on at once. Beyond that a request is refused at once and told when to come again: an answer that
//! comes too late helps nobody. A request takes its place when all of it has arrived, so that those who send slowly do not use up
//! the room of others.

use super::answer;
use super::form::{self, Form};
use super::frame::Seen;
use crate::Doors;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// The name under which refusals are counted.
pub const LIMIT: &str = "overload";

/// What long bodies may hold together at each listener, in KiB.
const LONG_BODIES: usize = 32 * 1024;

/// The connection is beyond the bounds: what it asks is refused unread.
#[derive(Clone, Copy, Debug)]
pub struct InHaste;

/// Room for requests.
#[derive(Debug)]
pub struct Room {
    /// 0 is no bound.
    most: usize,
    taken: AtomicUsize,
    /// What long bodies may hold together, in KiB.
    long_bodies: Arc<Semaphore>,
}

/// A place in it; given back when it is dropped.
pub struct Place(Arc<Room>);

impl Room {
    /// Room for so many at once; 0 is no bound.
    pub fn of(most: usize) -> Arc<Self> {
        Arc::new(Room { most, taken: AtomicUsize::new(0), long_bodies: Arc::new(Semaphore::new(LONG_BODIES)) })
    }

    /// A place, if there is one.
    fn enter(self: &Arc<Self>) -> Option<Place> {
        let before = self.taken.fetch_add(1, Ordering::Relaxed);
        let place = Place(self.clone());
        (self.most == 0 || before < self.most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a group of doors has in common.
#[derive(Clone)]
pub struct Group {
    /// Where its requests are worked on.
    pub room: Arc<Room>,
    /// How long a body may be.
    pub body: usize,
    /// How it says that there is no room.
    pub full: fn(&Doors, &HeaderMap, &Seen) -> Response,
    /// Whether people send forms to it, which are kept for another try.
    pub has_forms: bool,
}

/// Waits for the body, then lets the request in if there is room.
pub async fn guard(State((doors, group)): State<(Doors, Group)>, request: Request, next: Next) -> Response {
    if request.extensions().get::<InHaste>().is_some() {
        // Nothing more of it is read: whoever sends slowly would hold a place that others need for their refusal.
        return refuse(&doors, &group, &request);
    }
    let (request, _held) = match form::arrived(request, group.body, &group.room.long_bodies).await {
        Ok(arrived) => arrived,
        Err(request) => return refuse(&doors, &group, &request),
    };
    match group.room.enter() {
        Some(_place) => next.run(request).await,
        None => refuse_kept(&doors, &group, request).await,
    }
}

/// Refuses a request that is all here: a page keeps what was typed.
async fn refuse_kept(doors: &Doors, group: &Group, request: Request) -> Response {
    if group.has_forms && request.method() == Method::POST && answer::wants_page(request.headers()) {
        postkey_metrics::refused(LIMIT);
        return match Form::from_request(request, doors).await {
            Ok(form) => answer::full_again(doors, &form),
            Err(refusal) => refusal,
        };
    }
    refuse(doors, group, &request)
}

fn refuse(doors: &Doors, group: &Group, request: &Request) -> Response {
    postkey_metrics::refused(LIMIT);
    let Some(seen) = request.extensions().get::<Seen>() else { return Response::new(axum::body::Body::empty()) };
    (group.full)(doors, request.headers(), seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(length: usize) -> Request {
        Request::new(Body::from(vec![b'x'; length]))
    }

    #[tokio::test]
    async fn long_bodies_share_what_there_is_and_short_ones_need_nothing_of_it() {
        let long = Arc::new(Semaphore::new(16));
        let (first, held) = form::arrived(request(10 * 1024), 64 * 1024, &long).await.unwrap();
        assert_eq!(long.available_permits(), 6);
        assert!(form::arrived(request(7 * 1024), 64 * 1024, &long).await.is_err(), "there is no room for it");
        assert_eq!(long.available_permits(), 6, "and it holds nothing");
        assert!(form::arrived(request(4 * 1024), 64 * 1024, &long).await.unwrap().1.is_none(), "a short one");
        assert_eq!(axum::body::to_bytes(first.into_body(), 99_999).await.unwrap().len(), 10 * 1024);
        drop(held);
        assert!(form::arrived(request(7 * 1024), 64 * 1024, &long).await.is_ok());
        assert_eq!(long.available_permits(), 16);
    }
}
