//! Who acts, and when: said once where a request or command comes in, and written into every line of the audit trail that comes of
//! it. It stays with the task, so that no verb has to hand it on.

use postkey_model::{Actor, Timestamp};
use std::cell::RefCell;

tokio::task_local! {
    static ACTING: RefCell<Acting>;
}

#[derive(Clone)]
struct Acting {
    actor: Option<Actor>,
    now: Timestamp,
}

/// Does `work` in the name of `actor`; `None`: it is not known yet, [`acts`] says it on the way.
pub async fn acting<F: Future>(actor: Option<Actor>, now: Timestamp, work: F) -> F::Output {
    ACTING.scope(RefCell::new(Acting { actor, now }), work).await
}

/// From here on it is `actor` who acts, within [`acting`].
pub fn acts(actor: Actor) {
    let _ = ACTING.try_with(|acting| acting.borrow_mut().actor = Some(actor));
}

/// Who acts instead of the one that a line names by itself. What the server does by itself it does also while somebody else asks for
/// something, unless an operator asks for that very thing.
pub(crate) fn instead_of(named: Actor) -> Actor {
    let known = ACTING.try_with(|acting| acting.borrow().actor.clone()).ok().flatten();
    match (named, known) {
        (Actor::Server, Some(Actor::Operator)) => Actor::Operator,
        (Actor::Server, _) => Actor::Server,
        (named, None) => named,
        (_, Some(known)) => known,
    }
}

/// When they act, where the verb does not say.
pub(crate) fn since() -> Option<Timestamp> {
    ACTING.try_with(|acting| acting.borrow().now).ok()
}
