//! Making the next key of every set that rotates, by hand.

use crate::{Auth, KeyError};
use postkey_model::{KeySet, KeyUse, Timestamp};

/// What became of one set of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetRotated {
    /// Which.
    pub set: KeySet,
    /// From when on the newest key signs; `None` for the key that stays, which is never followed.
    pub signs_from: Option<Timestamp>,
    /// Whether that key was made just now. Else it was waiting for its turn already, or another node was first.
    pub is_new: bool,
}

impl Auth {
    /// Makes the next key of every set in the table, as [`Auth::rotate_keys`] does of one. The tenants have to be loaded: an
    /// app's own interval counts for its keys.
    pub async fn rotate_all_keys(&self, now: Timestamp) -> Result<Vec<SetRotated>, KeyError> {
        let mut sets: Vec<KeySet> = Vec::new();
        for key in self.store().all_signing_keys().await? {
            if !sets.contains(&key.set) {
                sets.push(key.set);
            }
        }
        let mut done = Vec::with_capacity(sets.len());
        for set in sets {
            self.load_keys(&set, now).await?;
            if set.purpose == KeyUse::Static {
                done.push(SetRotated { set, signs_from: None, is_new: false });
                continue;
            }
            let made = self.make_key_if_due(&set, now, true).await?;
            self.load_keys(&set, now).await?;
            let newest = self.store().signing_keys(&set).await?.into_iter().max_by_key(|key| key.number);
            done.push(SetRotated { set, signs_from: newest.map(|key| key.signs_from), is_new: made.is_some() });
        }
        Ok(done)
    }
}
