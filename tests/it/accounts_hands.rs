//! Somebody with browsers, mailboxes and all that ever opened an account for them, who tries the whole of it at every door.

use std::collections::HashSet;

use crate::accounts_passkeys::{self, Key};
use crate::accounts_second_step::{App, LATER, STEP};
use crate::accounts_security::{ask_for, change_password};
use crate::accounts_support::{Site, sign_in};
use crate::support::digits_in;
use crate::support::visitor::{Answer, Visitor};

const PROVE: &str = "/login/prove";
const SECURITY: &str = "/account/security";

/// What can be done at a browser, or with a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    SignIn,
    /// With a code by mail before anything else.
    SignInByMail,
    SignOut,
    SetPassword,
    SetPasswordByMail,
    SetUpApp,
    RemoveApp,
    NewCodes,
    AddKey,
    RemoveKeys,
    EndOthers,
    /// To one of their own mailboxes.
    MoveTo(usize),
    /// The same, and the link waits in the mailbox.
    AskFor(usize),
    /// And press what stands in the newest mail that was not read.
    ReadMail,
    AskForLostStep,
}

pub struct Hands {
    pub browsers: Vec<Visitor>,
    pub mailboxes: [&'static str; 2],
    /// Their passwords begin with it.
    word: &'static str,
    pub passwords: Vec<String>,
    apps: Vec<App>,
    keys: Vec<Key>,
    codes: Vec<String>,
    read: HashSet<String>,
    /// Whether they have done what their last act was.
    pub did: bool,
}

impl Hands {
    pub fn new(site: &Site, word: &'static str, mailboxes: [&'static str; 2]) -> Self {
        let browsers = vec![site.visitor(), site.visitor()];
        let (passwords, apps, keys, codes) = (vec![], vec![], vec![], vec![]);
        Self { browsers, mailboxes, word, passwords, apps, keys, codes, read: HashSet::new(), did: false }
    }

    /// At the account that has this address now.
    pub async fn act(&mut self, site: &Site, email: &str, act: Act, at: usize) {
        site.run("delete from rate_limits").await;
        let is_at_door = matches!(act, Act::SignIn | Act::SignInByMail | Act::SetPasswordByMail | Act::AskForLostStep);
        if !is_at_door && act != Act::ReadMail {
            self.be_in_and_proven(site, email, at).await;
        }
        self.did = match act {
            Act::SignIn => self.sign_in(site, email, at).await,
            Act::SignInByMail => self.sign_in_by_mail(site, email, at).await,
            Act::SignOut => {
                self.browsers[at].get("/nowhere").await;
                self.browsers[at].post("/logout", &[]).await.status == 303
            }
            Act::SetPassword => self.set_password(at).await,
            Act::SetPasswordByMail => {
                self.ask_for_reset(site, email).await;
                self.follow_resets(site).await
            }
            Act::SetUpApp => self.set_up_app(at).await,
            Act::RemoveApp => self.press_at(at, "/account/security/app/remove").await,
            Act::NewCodes => {
                self.browsers[at].get("/nowhere").await;
                let shown = self.browsers[at].post("/account/security/recovery-codes", &[]).await;
                self.keep_codes(&shown.body)
            }
            Act::AddKey => self.add_key(at).await,
            Act::RemoveKeys => self.remove_keys(at).await,
            Act::EndOthers => self.press_at(at, "/account/security/sessions/end-others").await,
            Act::MoveTo(mailbox) => self.move_to(site, self.mailboxes[mailbox], at).await,
            Act::AskFor(mailbox) => ask_for(&mut self.browsers[at], self.mailboxes[mailbox]).await == 200,
            Act::ReadMail => match self.unread(site).await.pop() {
                Some(link) => self.press(site, &link).await,
                None => false,
            },
            Act::AskForLostStep => {
                self.browsers[at].get(STEP).await;
                self.browsers[at].post("/login/second-step/lost", &[]).await.status == 200
            }
        };
    }

    async fn be_in_and_proven(&mut self, site: &Site, email: &str, at: usize) {
        if self.is_at(at).await.is_none() {
            self.sign_in(site, email, at).await;
        }
        if self.browsers[at].get("/account/security/email").await.location().starts_with(PROVE) {
            self.prove(site, at).await;
        }
    }

    /// The address of the account that the browser is in.
    pub async fn is_at(&mut self, at: usize) -> Option<String> {
        let page = self.browsers[at].get("/account").await;
        (page.status == 200).then_some(page.body)
    }

    async fn sign_in(&mut self, site: &Site, email: &str, at: usize) -> bool {
        let passwords: Vec<_> = self.passwords.iter().rev().take(4).cloned().collect();
        for password in passwords {
            self.browsers[at].get("/login").await;
            let answer = sign_in(&mut self.browsers[at], email, &password).await;
            if answer.status == 303 {
                return self.goes_on(site, at, &answer).await;
            }
        }
        self.enter_with_key(at).await
    }

    async fn sign_in_by_mail(&mut self, site: &Site, email: &str, at: usize) -> bool {
        self.browsers[at].get("/login/code").await;
        self.browsers[at].post("/login/code", &[("email", email)]).await;
        let Some(code) = self.mailed_code(site).await else { return false };
        self.browsers[at].get("/login/code/confirm").await;
        let answer = self.browsers[at].post("/login/code/confirm", &[("code", &code)]).await;
        answer.status == 303 && self.goes_on(site, at, &answer).await
    }

    /// Past the second step, where it is asked for.
    async fn goes_on(&mut self, site: &Site, at: usize, answer: &Answer) -> bool {
        !answer.location().starts_with("/login") || self.give_all(site, at, STEP).await
    }

    pub async fn prove(&mut self, site: &Site, at: usize) -> bool {
        self.browsers[at].get(PROVE).await;
        self.browsers[at].post("/login/prove/code", &[]).await;
        self.give_all(site, at, PROVE).await
    }

    /// Whatever they have, one after the other.
    async fn give_all(&mut self, site: &Site, at: usize, door: &str) -> bool {
        site.run(LATER).await;
        let mut factors: Vec<String> = self.mailed_code(site).await.into_iter().collect();
        factors.extend(self.apps.iter().rev().take(2).map(|app| app.shows(0)));
        factors.extend(self.codes.iter().rev().take(2).cloned());
        factors.extend(self.passwords.iter().rev().take(2).cloned());
        for factor in factors {
            self.browsers[at].get(door).await;
            let answer = self.browsers[at].post(door, &[("code", &factor), ("remember", "1")]).await;
            if answer.status == 303 && !answer.location().starts_with("/login") {
                return true;
            }
            site.run("delete from rate_limits").await;
        }
        self.enter_with_key(at).await
    }

    async fn enter_with_key(&mut self, at: usize) -> bool {
        for key in &mut self.keys {
            self.browsers[at].get("/nowhere").await;
            let answer = accounts_passkeys::give(&mut self.browsers[at], key).await;
            if !answer.location().starts_with("/login") {
                return true;
            }
        }
        false
    }

    /// The newest in their mailboxes.
    async fn mailed_code(&self, site: &Site) -> Option<String> {
        site.run_jobs().await;
        let text: Option<String> = sqlx::query_scalar(
            "select body_text from messages where recipient = any($1) and template = 'code' order by id desc limit 1",
        )
        .bind(self.mailboxes.map(str::to_owned).to_vec())
        .fetch_optional(&site.pool)
        .await
        .expect("the mails");
        text.map(|text| digits_in(&text, 8))
    }

    /// One they never had before.
    fn next_password(&self) -> String {
        format!("{}-ladder-sky-{}", self.word, self.passwords.len() + 41)
    }

    async fn set_password(&mut self, at: usize) -> bool {
        let new = self.next_password();
        for known in self.passwords.clone().iter().rev().take(3) {
            if change_password(&mut self.browsers[at], known, &new).await.location().contains("note=") {
                self.passwords.push(new);
                return true;
            }
        }
        false
    }

    /// For the account's address, and for every one of theirs.
    async fn ask_for_reset(&mut self, site: &Site, email: &str) {
        let mut visitor = site.visitor();
        for email in [email, self.mailboxes[0], self.mailboxes[1]] {
            visitor.get("/password/forgot").await;
            visitor.post("/password/forgot", &[("email", email)]).await;
        }
        site.run_jobs().await;
    }

    async fn follow_resets(&mut self, site: &Site) -> bool {
        for link in self.unread(site).await.into_iter().rev().filter(|link| link.starts_with("/password/reset/")) {
            let (mut visitor, new) = (site.visitor(), self.next_password());
            self.read.insert(link.clone());
            visitor.get(&link).await;
            if visitor.post(&link, &[("password", &new)]).await.status == 303 {
                self.passwords.push(new);
                return true;
            }
        }
        false
    }

    async fn set_up_app(&mut self, at: usize) -> bool {
        let page = self.browsers[at].get("/account/security/app").await;
        if page.status != 200 {
            return false;
        }
        let (app, sealed) = App::offered(&page.body);
        let fields = [("app", sealed.as_str()), ("code", &app.shows(0))];
        let shown = self.browsers[at].post("/account/security/app", &fields).await;
        self.apps.push(app);
        self.keep_codes(&shown.body)
    }

    /// One of them will do.
    fn keep_codes(&mut self, page: &str) -> bool {
        let code = page.split("<li><code>").nth(1).and_then(|rest| rest.split("</code>").next());
        self.codes.extend(code.map(str::to_owned));
        code.is_some()
    }

    async fn add_key(&mut self, at: usize) -> bool {
        if self.browsers[at].get("/account/security/passkeys").await.status != 200 {
            return false;
        }
        let (key, answer) = accounts_passkeys::add(&mut self.browsers[at]).await;
        self.keys.push(key);
        self.keep_codes(&answer.body);
        answer.status == 200 || answer.location().contains("note=")
    }

    async fn remove_keys(&mut self, at: usize) -> bool {
        let page = self.browsers[at].get(SECURITY).await.body;
        let is_button = |part: &&str| part.starts_with("/account/security/passkeys/") && part.ends_with("/remove");
        let buttons: Vec<_> = page.split('"').filter(is_button).map(str::to_owned).collect();
        let mut removed = false;
        for button in buttons {
            removed |= self.press_at(at, &button).await;
        }
        removed
    }

    async fn press_at(&mut self, at: usize, button: &str) -> bool {
        self.browsers[at].get("/nowhere").await;
        self.browsers[at].post(button, &[]).await.location().contains("note=")
    }

    async fn move_to(&mut self, site: &Site, email: &'static str, at: usize) -> bool {
        if ask_for(&mut self.browsers[at], email).await != 200 {
            return false;
        }
        let mails = site.mails(email).await;
        let link = mails.last().and_then(|(_, text)| text.lines().find(|line| line.contains("/email/confirm/")));
        match link.and_then(|link| link.strip_prefix(&*site.accounts.base_url)) {
            Some(link) => self.press(site, link).await,
            None => false,
        }
    }

    /// Links in their mailboxes, the newest last.
    pub async fn unread(&self, site: &Site) -> Vec<String> {
        let texts: Vec<String> =
            sqlx::query_scalar("select body_text from messages where recipient = any($1) order by id")
                .bind(self.mailboxes.map(str::to_owned).to_vec())
                .fetch_all(&site.pool)
                .await
                .expect("the mails");
        let links = texts.iter().flat_map(|text| text.lines());
        let links = links.filter_map(|line| line.strip_prefix(&*site.accounts.base_url));
        links.filter(|link| link.len() > 40 && !self.read.contains(*link)).map(str::to_owned).collect()
    }

    pub async fn press(&mut self, site: &Site, link: &str) -> bool {
        self.read.insert(link.to_owned());
        site.press(link).await == 200
    }
}
