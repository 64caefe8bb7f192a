//! One person's data: looked at, handed over, deleted, beside a running server.

use crate::kit::{Folder, handle_in, has_session, postkey, printed, refused, server, signed_in};
use postkey_bench::Browser;
use serde_json::{Value, json};

#[tokio::test]
async fn one_person_is_shown_handed_over_and_deleted() {
    let server = server().await;
    let data = server.data_dir();
    let dir = data.to_str().unwrap();
    let run = |args: &[&str]| postkey(&[&["users"], args, &["--data-dir", dir]].concat(), &[]);
    assert_eq!(printed(&run(&["list"])), "");
    let mut browser = signed_in(&server, "jane@example.com").await;
    let handle = handle_in(&browser.jar);
    signed_in(&server, "joe@example.com").await;
    let folder = Folder::new("people");
    let method = json!({"recipeId": "passwordless", "phoneNumber": "+4915112345678", "timeJoinedInMSSinceEpoch": 5});
    let user = json!({"externalUserId": "auth0|x", "userMetadata": {"name": "X"}, "userRoles": [{"role": "admin", "tenantIds": ["public"]}], "loginMethods": [method]});
    let file = folder.file("users.json", &json!({"users": [user]}).to_string());
    printed(&postkey(&["import", "supertokens", "--from-file", &file, "--data-dir", dir], &[]));

    let listed = printed(&run(&["list"]));
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines.len() == 3 && lines[0].contains("auth0|x  +4915112345678") && lines[1].contains("jane@example.com"), "{listed}");
    let mut ids = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut args = vec!["list", "--limit", "1"];
        if let Some(after) = &after {
            args.extend(["--after", after]);
        }
        let output = run(&args);
        let line = printed(&output);
        ids.push(line.split_whitespace().nth(3).unwrap().to_owned());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        match said.trim().strip_prefix("there are more: --after ") {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!((ids.len(), ids[0].as_str()), (3, "auth0|x"), "{ids:?}");
    let jane = ids[1].clone();

    let shown = printed(&run(&["show", "Jane@Example.com"]));
    for words in [&format!("user      {jane}"), "jane@example.com", "in public", &format!("session   {handle}"), "from 127.0.0.1"] {
        assert!(shown.contains(words), "{words:?} is not in: {shown}");
    }
    assert_eq!(printed(&run(&["show", &jane])), shown);
    let other = printed(&run(&["show", "+49 1511 2345678"]));
    for words in ["user      auth0|x", "role      admin in public", "metadata  {\"name\":\"X\"}"] {
        assert!(other.contains(words), "{words:?} is not in: {other}");
    }

    let all: Value = serde_json::from_str(&printed(&run(&["export", &jane]))).unwrap();
    assert_eq!((&all["user"]["id"], &all["loginMethods"][0]["subject"]), (&json!(jane), &json!("jane@example.com")));
    assert_eq!((&all["sessions"][0]["handle"], &all["sessions"][0]["revokedAt"]), (&json!(handle), &Value::Null));
    assert_eq!(all["signIns"][0]["to"], "jane@example.com");
    let steps: Vec<&str> = all["signIns"][0]["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert!(steps.first() == Some(&"asked") && steps.contains(&"used"), "{steps:?}");
    assert!(!all.to_string().contains("nonce") && !all.to_string().contains("joe@"), "{all}");
    let all: Value = serde_json::from_str(&printed(&run(&["export", "auth0|x"]))).unwrap();
    assert_eq!((&all["metadata"]["auth0|x"]["name"], &all["roles"][0]["role"]), (&json!("X"), &json!("admin")));

    let said = refused(&run(&["delete", &jane]));
    assert!(said.contains("--yes"), "{said}");
    printed(&run(&["delete", &jane, "--yes"]));
    assert_eq!(browser.refresh().await.unwrap().status, 401, "sessions end with their user");
    for args in [["show", &jane].as_slice(), &["export", &jane], &["delete", &jane, "--yes"], &["show", "jane@example.com"]] {
        let said = refused(&run(args));
        assert!(said.contains("there is no user") || said.contains("nobody in the tenant"), "{said}");
    }
    assert_eq!(printed(&run(&["list"])).lines().count(), 2);
    let said = refused(&run(&["list", "--tenant", "nowhere"]));
    assert!(said.contains("there is no tenant \"nowhere\""), "{said}");
    // The address is free again: whoever proves it is somebody new.
    let mut newcomer = Browser::new(server.public());
    assert_eq!(newcomer.start("jane@example.com").await.unwrap().status, 303);
    let code = loop {
        let mails = newcomer.mails("jane@example.com").await.unwrap();
        if mails.len() > 1 {
            break mails[0].code.clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert!(has_session(&newcomer.code(&code).await.unwrap()));
    assert!(!printed(&run(&["show", "jane@example.com"])).contains(&jane));
}
