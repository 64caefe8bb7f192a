//! Linking the login methods of one person (contract supertokens-core.md §4.3).

use super::ask::{Answer, Ask, Refusal};
use super::people::person_json;
use postkey_auth::decide::linking::Shared;
use postkey_auth::{LinkError, Linked, UnlinkedNow};
use postkey_model::IdentityId;
use serde_json::{Value, json};

/// `GET /recipe/accountlinking/user/primary/check?recipeUserId=`
pub async fn can_make_primary(ask: &Ask) -> Answer {
    match ask.doors.auth().can_make_primary(&ask.app(), ask.query("recipeUserId")?, ask.now()).await {
        Ok(was) => Ok(json!({ "status": "OK", "wasAlreadyAPrimaryUser": was })),
        Err(e) => refused(ask, e, "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR"),
    }
}

/// `POST /recipe/accountlinking/user/primary`
pub async fn make_primary(ask: &Ask) -> Answer {
    match ask.doors.auth().make_primary(&ask.app(), ask.text("recipeUserId")?, ask.now()).await {
        Ok(Linked { was_already, user }) => {
            Ok(json!({ "status": "OK", "wasAlreadyAPrimaryUser": was_already, "user": person_json(ask, &user) }))
        }
        Err(e) => refused(ask, e, "RECIPE_USER_ID_ALREADY_LINKED_WITH_PRIMARY_USER_ID_ERROR"),
    }
}

/// `GET /recipe/accountlinking/user/link/check?recipeUserId=&primaryUserId=`
pub async fn can_link(ask: &Ask) -> Answer {
    let (identity, primary) = (ask.query("recipeUserId")?, ask.query("primaryUserId")?);
    match ask.doors.auth().can_link(&ask.app(), identity, primary, ask.now()).await {
        Ok(already) => Ok(json!({ "status": "OK", "accountsAlreadyLinked": already })),
        Err(e) => refused(ask, e, "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"),
    }
}

/// `POST /recipe/accountlinking/user/link`
pub async fn link(ask: &Ask) -> Answer {
    let (identity, primary) = (ask.text("recipeUserId")?, ask.text("primaryUserId")?);
    match ask.doors.auth().link_identity(&ask.app(), identity, primary, ask.now()).await {
        Ok(Linked { was_already, user }) => {
            Ok(json!({ "status": "OK", "accountsAlreadyLinked": was_already, "user": person_json(ask, &user) }))
        }
        Err(e) => refused(ask, e, "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"),
    }
}

/// `POST /recipe/accountlinking/user/unlink`
pub async fn unlink(ask: &Ask) -> Answer {
    let identity = IdentityId::stored(ask.text("recipeUserId")?.to_owned());
    match ask.doors.auth().unlink_identity(&ask.app(), &identity, ask.now()).await {
        Ok(UnlinkedNow { was_linked, was_deleted }) => {
            Ok(json!({ "status": "OK", "wasRecipeUserDeleted": was_deleted, "wasLinked": was_linked }))
        }
        Err(e) => refused(ask, e, "RECIPE_USER_ID_ALREADY_LINKED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR"),
    }
}

/// Why not; `elsewhere` is what it is called here when the method is linked to somebody else.
fn refused(ask: &Ask, e: LinkError, elsewhere: &str) -> Answer {
    let said = |status: &str, by: &str, description: &str| -> Value {
        json!({ "status": status, "primaryUserId": by, "description": description })
    };
    match e {
        LinkError::UnknownUser => Err(Refusal::Bad("Unknown user ID provided".to_owned())),
        LinkError::LinkedElsewhere(user) => {
            let mut answer = said(elsewhere, user.user.id.as_str(), "This user ID is already linked to another user ID");
            answer["user"] = person_json(ask, &user);
            Ok(answer)
        }
        LinkError::Taken { by, what } => {
            let description = match what {
                Shared::Email => "This user's email is already associated with another user ID",
                Shared::Phone => "This user's phone number is already associated with another user ID",
                Shared::Provider => "This user's third party login is already associated with another user ID",
            };
            Ok(said("ACCOUNT_INFO_ALREADY_ASSOCIATED_WITH_ANOTHER_PRIMARY_USER_ID_ERROR", by.as_str(), description))
        }
        LinkError::NotPrimary => {
            // The Python SDK reads a description whatever the status.
            let description = "The user of that primaryUserId is no primary user";
            Ok(json!({ "status": "INPUT_USER_IS_NOT_A_PRIMARY_USER", "description": description }))
        }
        LinkError::Unavailable(e) => Err(e.into()),
    }
}
