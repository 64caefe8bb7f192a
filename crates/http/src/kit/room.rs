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

/// The name under which refusals are counted.
pub const LIMIT: &str = "overload";

/// The connection is beyond the bounds: nothing is done on it.
#[derive(Clone, Copy, Debug)]
pub struct InHaste;

/// Room for requests.
#[derive(Debug)]
pub struct Room {
    /// 0 is no bound.
    most: usize,
    taken: AtomicUsize,
}

/// A place in it; given back when it is dropped.
pub struct Place(Arc<Room>);

impl Room {
    /// Room for so many at once; 0 is no bound.
    pub fn of(most: usize) -> Arc<Self> {
        Arc::new(Room { most, taken: AtomicUsize::new(0) })
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
        return refuse(&doors, &group, request).await;
    }
    let request = form::arrived(request, group.body).await;
    match group.room.enter() {
        Some(_place) => next.run(request).await,
        None => refuse(&doors, &group, request).await,
    }
}

async fn refuse(doors: &Doors, group: &Group, request: Request) -> Response {
    postkey_metrics::refused(LIMIT);
    if group.has_forms && request.method() == Method::POST && answer::wants_page(request.headers()) {
        let request = form::arrived(request, group.body).await;
        return match Form::from_request(request, doors).await {
            Ok(form) => answer::full_again(doors, &form),
            Err(refusal) => refusal,
        };
    }
    let Some(seen) = request.extensions().get::<Seen>() else { return Response::new(axum::body::Body::empty()) };
    (group.full)(doors, request.headers(), seen)
}
