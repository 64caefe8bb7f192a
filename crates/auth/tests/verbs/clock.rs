//! A clock that is set back, as happens when a machine's time is put right, or when one node's differs from another's: what was used stays used,
//! what was replaced stays replaced, and nobody is kept waiting for longer than the rules say.

use crate::kit::*;
use postkey_auth::{CompleteError, RefreshError, ResendError};
use postkey_model::{Millis, Timestamp};

const JANE: &str = "jane@example.com";
/// How far it is set back.
const BACK: Millis = Millis::from_hours(2);
const BEFORE: Timestamp = Timestamp(NOW.0 - BACK.0);

on_both_engines! {
    async fn a_used_code_stays_used(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let mail = node.mail(&asked);
        let (code, secret) = (mail.code.unwrap(), mail.link.unwrap());
        assert!(node.by_code(&asked, &code, NOW + secs(5)).await.is_ok());
        for at in [NOW, BEFORE] {
            assert!(node.by_code(&asked, &code, at).await.is_err(), "by code");
            assert!(node.by_link(&asked, &secret, at).await.is_err(), "by link");
        }
    }

    async fn wrong_codes_stay_counted(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        let code = node.mail(&asked).code.unwrap();
        for at in [NOW, NOW, BEFORE, BEFORE, NOW] {
            assert!(matches!(refused(node.by_code(&asked, &wrong(&code), at).await), CompleteError::WrongCode { .. } | CompleteError::TooManyWrong));
        }
        assert!(node.by_code(&asked, &code, BEFORE).await.is_err(), "five wrong ones, whatever the clock says");
    }

    async fn a_sign_in_goes_on_and_nobody_waits_longer_than_the_gap(bed: Bed) {
        let node = &bed.node;
        let asked = node.start(JANE, NOW).await;
        // Asked for at noon, and now it is ten: the next message may come within the gap, not in two hours.
        match node.resend(&asked, BEFORE).await {
            Ok(_) => {}
            Err(ResendError::TooSoon { until }) => assert!(until <= BEFORE + secs(15), "{until:?}"),
            Err(other) => panic!("{other:?}"),
        }
        assert!(node.resend(&asked, BEFORE + secs(16)).await.is_ok());
        let code = node.mail(&asked).code.unwrap();
        assert!(node.by_code(&asked, &code, BEFORE + secs(20)).await.is_ok());
    }

    async fn a_session_goes_on_and_an_old_token_of_it_opens_no_second_way(bed: Bed) {
        let node = &bed.node;
        let first = node.signed_in(JANE, NOW).await.tokens;
        let second = node.auth.refresh(&call(&public(), NOW + secs(60)), first.refresh.expose()).await.unwrap();
        // Within the grace the answer is the same token again, never another one.
        match node.auth.refresh(&call(&public(), BEFORE), first.refresh.expose()).await {
            Ok(again) => assert_eq!(again.refresh.expose(), second.refresh.expose()),
            Err(RefreshError::Reused { .. }) => panic!("somebody whose clock went back is no thief"),
            Err(other) => panic!("{other:?}"),
        }
        let third = node.auth.refresh(&call(&public(), BEFORE + secs(5)), second.refresh.expose()).await.unwrap();
        assert!(node.auth.verify(third.access.expose(), BEFORE + secs(6)).await.is_ok());
        assert!(node.auth.revoke(BEFORE + secs(7), &first.handle).await.unwrap());
        assert!(node.auth.refresh(&call(&public(), BEFORE), third.refresh.expose()).await.is_err());
    }
}
