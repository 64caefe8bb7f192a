//! Applications: registering web apps that people log in to. Those of the config can be changed here, but not taken away.

use super::clients::{ID_SIGNS, random_signs};
use super::registered::RegisterError;
use crate::Auth;
use crate::decide::registered::{self as decide, ApplicationWish};
use postkey_model::{Application, ApplicationSettings, Timestamp};

/// Ids of applications do not begin so: the SDKs refuse them, because those are other things.
const NOT_FOR_APPLICATIONS: [&str; 2] = ["sc_", "ext_"];

impl Auth {
    /// Registers an application, under an id of the caller's choice or a drawn one.
    pub async fn create_application(&self, id: Option<&str>, wish: &ApplicationWish, now: Timestamp) -> Result<Application, RegisterError> {
        let settings = self.application_after(&ApplicationSettings::default(), wish, now).await?;
        let id = id.map_or_else(|| format!("app_{}", random_signs(ID_SIGNS, self.entropy())), str::to_owned);
        if let Some(prefix) = NOT_FOR_APPLICATIONS.iter().find(|prefix| id.starts_with(**prefix)) {
            return Err(RegisterError::Wrong(format!("the id {id:?} of an application must not begin with {prefix}")));
        }
        if self.is_configured_application(&id) {
            return Err(RegisterError::Taken);
        }
        self.register(&id, settings, None, now).await
    }

    /// Changes an application.
    pub async fn change_application(&self, id: &str, wish: &ApplicationWish, now: Timestamp) -> Result<Application, RegisterError> {
        let stored = self.registered::<ApplicationSettings>(id).await?;
        if let (None, true) = (&stored, self.is_configured_application(id)) {
            let configured = self.application(id).ok_or(RegisterError::Unknown)?;
            let settings = self.application_after(&configured.settings, wish, now).await?;
            match self.register(id, settings, None, now).await {
                // Somebody else changed it first.
                Err(RegisterError::Taken) => {}
                done => return done,
            }
        }
        let base = stored.map(|stored| stored.settings).unwrap_or_default();
        self.application_after(&base, wish, now).await?;
        let change = |before: &Application| {
            let settings = decide::application(&before.settings, wish).map_err(RegisterError::Wrong)?;
            Ok((settings, None, ()))
        };
        Ok(self.change_registered::<ApplicationSettings, ()>(id, now, change).await?.0)
    }

    /// Removes an application. Sessions of its users go on until they end.
    pub async fn remove_application(&self, id: &str) -> Result<(), RegisterError> {
        match self.unregister::<ApplicationSettings>(id).await {
            Err(RegisterError::Unknown) if self.is_configured_application(id) => {
                Err(RegisterError::Wrong(format!("the application {id} is always there: it can be changed, not deleted")))
            }
            done => done,
        }
    }

    /// An application: as it was registered, else as the config has it.
    pub async fn find_application(&self, id: &str) -> Result<Application, RegisterError> {
        let stored = self.registered::<ApplicationSettings>(id).await?;
        let configured = || self.application(id).filter(|_| self.is_configured_application(id)).map(|found| (*found).clone());
        stored.or_else(configured).ok_or(RegisterError::Unknown)
    }

    /// All applications in the order of their ids.
    pub async fn all_applications(&self) -> Result<Vec<Application>, RegisterError> {
        self.tend_registered().await?;
        Ok(self.applications().iter().map(|application| (**application).clone()).collect())
    }

    async fn application_after(
        &self,
        before: &ApplicationSettings,
        wish: &ApplicationWish,
        now: Timestamp,
    ) -> Result<ApplicationSettings, RegisterError> {
        let after = decide::application(before, wish).map_err(RegisterError::Wrong)?;
        if let Some(tenant) = &after.tenant
            && self.find_tenant(tenant, now).await?.is_none()
        {
            return Err(RegisterError::Wrong(format!("there is no tenant {tenant}")));
        }
        Ok(after)
    }
}
