//! The postman: one task empties the server's discard outlet and hands each code to the browser that waits for it.

use postkey_bench::Client;
use std::collections::HashMap;
use std::io::Result;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// How often the outlet is emptied while somebody waits.
const EVERY: Duration = Duration::from_millis(2);

/// Who waits for a code.
#[derive(Default)]
pub struct Post {
    waiting: Mutex<HashMap<String, oneshot::Sender<String>>>,
    bell: Notify,
}

impl Post {
    /// Starts the postman.
    pub fn start(client: Client) -> Arc<Self> {
        let post = Arc::new(Post::default());
        tokio::spawn(deliver(post.clone(), client));
        post
    }

    /// The code of the next mail to `email`. To be called before the mail is asked for.
    pub fn wait_for(&self, email: &str) -> oneshot::Receiver<String> {
        let (sender, receiver) = oneshot::channel();
        self.waiting().insert(email.to_owned(), sender);
        self.bell.notify_one();
        receiver
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<String>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn round(&self, client: &mut Client) -> Result<()> {
        let answer = client.send("GET", "/dev/discarded.json", &[], None).await?;
        let mails: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let mut waiting = self.waiting();
        for mail in mails.as_array().map(Vec::as_slice).unwrap_or_default() {
            let (to, code) = (mail["to"].as_str().unwrap_or_default(), mail["code"].as_str().unwrap_or_default());
            if let Some(sender) = waiting.remove(to) {
                let _ = sender.send(code.to_owned());
            }
        }
        Ok(())
    }
}

async fn deliver(post: Arc<Post>, mut client: Client) {
    loop {
        while post.waiting().is_empty() {
            post.bell.notified().await;
        }
        if let Err(e) = post.round(&mut client).await {
            eprintln!("reading discarded mail: {e}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        tokio::time::sleep(EVERY).await;
    }
}
