//! Keys that ask for a finger or a PIN: what they open, and every answer that is not taken. The key here is software of its
//! own; `tests/browser/passkeys.rs` has a browser's.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::accounts_support::{PASSWORD, Site, sign_in};
use crate::support::digits_in;
use crate::support::visitor::{Answer, Visitor};

const ANA: &str = "ana@demo.example";
const KEYS: &str = "/account/security/passkeys";
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// An authenticator with one key.
pub struct Key {
    pair: EcdsaKeyPair,
    id: [u8; 16],
    user: String,
    pub counter: u32,
    /// What it says of the moment.
    flags: u8,
    /// Where it believes to be asked.
    origin: &'static str,
    random: SystemRandom,
}

impl Key {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).expect("a key");
        let id = Uuid::new_v4().into_bytes();
        let (user, origin) = (String::new(), "http://portal.example");
        Self { pair, id, user, counter: 0, flags: PRESENT | VERIFIED, origin, random }
    }

    fn client_data(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let challenge = &asked["publicKey"]["challenge"];
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string().into()
    }

    fn authenticator_data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest("portal.example").to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// CBOR by hand: a map of the format, an empty statement and the data with the public key in it.
    fn creates(&mut self, asked: &Value) -> String {
        self.user = asked["publicKey"]["user"]["id"].as_str().expect("a user").to_owned();
        let mut data = self.authenticator_data(self.flags | ATTESTED);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(self.id);
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        data.extend([&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).expect("a short one"));
        attestation.extend(data);
        let client = self.client_data("webauthn.create", asked);
        self.credential(json!({ "attestationObject": B64.encode(attestation), "clientDataJSON": B64.encode(client) }))
    }

    pub fn answers(&self, asked: &Value) -> String {
        let (data, client) = (self.authenticator_data(self.flags), self.client_data("webauthn.get", asked));
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = self.pair.sign(&self.random, &signed).expect("a signature");
        self.credential(json!({
            "authenticatorData": B64.encode(data),
            "clientDataJSON": B64.encode(client),
            "signature": B64.encode(signature),
            "userHandle": self.user,
        }))
    }

    fn credential(&self, response: Value) -> String {
        let id = B64.encode(self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
            .to_string()
    }
}

pub async fn asked(visitor: &mut Visitor, path: &str) -> Value {
    let answer = visitor.post(path, &[]).await;
    assert_eq!(answer.status, 200, "{} {}", answer.location(), answer.body);
    serde_json::from_str(&answer.body).expect("a question")
}

pub async fn send(visitor: &mut Visitor, path: &str, asked: &Value, credential: &str) -> Answer {
    let ceremony = asked["ceremony"].as_str().expect("a ceremony");
    visitor.post(path, &[("ceremony", ceremony), ("credential", credential), ("name", "Blue phone")]).await
}

pub async fn add(visitor: &mut Visitor) -> (Key, Answer) {
    let mut key = Key::new();
    let answer = add_as(visitor, &mut key).await;
    (key, answer)
}

async fn add_as(visitor: &mut Visitor, key: &mut Key) -> Answer {
    visitor.get(KEYS).await;
    let question = asked(visitor, &format!("{KEYS}/options")).await;
    let made = key.creates(&question);
    send(visitor, KEYS, &question, &made).await
}

/// Signs in, or proves, with this key.
pub async fn give(visitor: &mut Visitor, key: &mut Key) -> Answer {
    let question = asked(visitor, "/login/passkey/options").await;
    key.counter += 1;
    send(visitor, "/login/passkey", &question, &key.answers(&question)).await
}

/// Ana, who has a key.
pub async fn ana_with_a_key(site: &Site) -> (Visitor, Key) {
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    let (key, answer) = add(&mut ana).await;
    assert!(answer.status == 200 && answer.body.contains("recovery"), "{}", answer.body);
    (ana, key)
}

pub async fn at_the_door(site: &Site) -> Visitor {
    let mut visitor = site.visitor();
    visitor.get("/login").await;
    visitor
}

fn refused(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().contains("note=passkey-refused")
}

#[tokio::test]
async fn a_key_signs_in_without_anything_typed() {
    let site = Site::with("http://portal.example", |accounts| {
        accounts.second_step = renewal_portal::config::SecondStep::Offered;
    })
    .await;
    let (mut ana, mut key) = ana_with_a_key(&site).await;
    let page = ana.get("/account/security").await.body;
    assert!(page.contains("Blue phone") && page.contains("10 recovery codes"), "{page}");
    let mut elsewhere = at_the_door(&site).await;
    let answer = give(&mut elsewhere, &mut key).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, "/account"));
    assert_eq!(elsewhere.get("/account").await.body, ANA);
    let by = "select count(*) from audit_log where action = 'account.signed_in' and detail->>'by' = 'passkey'";
    assert_eq!(site.count(by).await, 1);
    assert!(elsewhere.get("/account/security").await.body.contains("Last used"));
}

#[tokio::test]
async fn after_the_password_the_key_or_a_recovery_code_is_asked_for() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (_, mut key) = ana_with_a_key(&site).await;
    let mut ana = at_the_door(&site).await;
    let half = sign_in(&mut ana, ANA, PASSWORD).await;
    assert!(half.location().starts_with("/login/second-step"), "{}", half.location());
    let page = ana.get("/login/second-step").await.body;
    assert!(page.contains("data-passkey") && page.contains("recovery code"), "{page}");
    assert_eq!(give(&mut ana, &mut key).await.location(), "/account");
    assert_eq!(ana.get("/account").await.body, ANA);
    let half = "select count(*) from sessions where stage = 'second_step' and revoked_at is null";
    assert_eq!(site.count(half).await, 0, "the half session has ended");
}

#[tokio::test]
async fn what_a_key_did_not_just_say_here_is_refused() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (_, mut key) = ana_with_a_key(&site).await;
    let mut thief = at_the_door(&site).await;

    key.origin = "http://portal.example.evil.example";
    assert!(refused(&give(&mut thief, &mut key).await), "said to another site");
    (key.origin, key.flags) = ("http://portal.example", PRESENT);
    assert!(refused(&give(&mut thief, &mut key).await), "nobody was verified");
    key.flags = PRESENT | VERIFIED;

    let question = asked(&mut thief, "/login/passkey/options").await;
    key.counter += 1;
    let answer = key.answers(&question);
    let other = asked(&mut thief, "/login/passkey/options").await;
    assert!(refused(&send(&mut thief, "/login/passkey", &other, &answer).await), "an answer to another question");
    let altered = answer.replace("userHandle", "userHandl");
    assert!(refused(&send(&mut thief, "/login/passkey", &question, &altered).await), "nobody's");
    let mut strange = Key::new();
    strange.user.clone_from(&key.user);
    assert!(refused(&give(&mut thief, &mut strange).await), "a key that was never added");
    strange.id = key.id;
    assert!(refused(&give(&mut thief, &mut strange).await), "signed by another key");
    for nonsense in ["", "{}", "null", "[1]", "\"x\""] {
        let question = asked(&mut thief, "/login/passkey/options").await;
        assert!(refused(&send(&mut thief, "/login/passkey", &question, nonsense).await), "{nonsense}");
    }
    assert!(refused(&thief.post("/login/passkey", &[("ceremony", "x"), ("credential", "{}")]).await));
    assert_eq!(thief.get("/account").await.status, 303, "nobody is signed in");
}

#[tokio::test]
async fn an_answer_is_taken_once_and_soon_and_its_counter_only_rises() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (_, mut key) = ana_with_a_key(&site).await;
    let mut first = at_the_door(&site).await;
    let question = asked(&mut first, "/login/passkey/options").await;
    // Keys that are kept in a cloud count nothing: no counter gives a second use away.
    let answer = key.answers(&question);
    assert_eq!(send(&mut first, "/login/passkey", &question, &answer).await.location(), "/account");
    let mut thief = at_the_door(&site).await;
    assert!(refused(&send(&mut thief, "/login/passkey", &question, &answer).await), "a second time");

    let mut counted = at_the_door(&site).await;
    let question = asked(&mut counted, "/login/passkey/options").await;
    key.counter = 7;
    let answer = key.answers(&question);
    assert_eq!(send(&mut counted, "/login/passkey", &question, &answer).await.location(), "/account");
    let question = asked(&mut thief, "/login/passkey/options").await;
    key.counter = 6;
    assert!(refused(&send(&mut thief, "/login/passkey", &question, &key.answers(&question)).await), "a copied key");
    let question = asked(&mut thief, "/login/passkey/options").await;
    key.counter = 8;
    sqlx::query("update passkey_ceremonies set expires_at = now()").execute(&site.pool).await.unwrap();
    assert!(refused(&send(&mut thief, "/login/passkey", &question, &key.answers(&question)).await), "too late");
    assert!(thief.get("/account").await.status == 303);
}

#[tokio::test]
async fn only_ones_own_key_proves_who_is_there() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (mut ana, mut key) = ana_with_a_key(&site).await;
    site.account("bo@demo.example", "customer").await;
    let mut bo = site.signed_in("bo@demo.example").await;
    let (mut other, _) = add(&mut bo).await;
    sqlx::query("update sessions set proven_at = now() - interval '1 hour'").execute(&site.pool).await.unwrap();
    assert!(ana.get(KEYS).await.location().starts_with("/login/prove"));
    assert!(
        ana.post(&format!("{KEYS}/options"), &[]).await.location().starts_with("/login/prove"),
        "no new key either"
    );
    ana.get("/login/prove").await;
    assert!(refused(&give(&mut ana, &mut other).await), "somebody else's");
    assert!(ana.get(KEYS).await.location().starts_with("/login/prove"));
    assert_eq!(give(&mut ana, &mut key).await.location(), "/account/security");
    assert_eq!(ana.get(KEYS).await.status, 200);
}

#[tokio::test]
async fn a_key_is_one_accounts_and_answers_the_question_it_was_asked() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (mut ana, mut key) = ana_with_a_key(&site).await;
    assert_eq!(add_as(&mut ana, &mut key).await.status, 422, "it is there already");
    site.account("bo@demo.example", "customer").await;
    let mut bo = site.signed_in("bo@demo.example").await;
    assert_eq!(add_as(&mut bo, &mut key).await.status, 422, "it is Ana's");
    bo.get(KEYS).await;
    let hers = asked(&mut ana, &format!("{KEYS}/options")).await;
    let mut new = Key::new();
    let made = new.creates(&hers);
    assert_eq!(send(&mut bo, KEYS, &hers, &made).await.status, 422, "the question was Ana's");
    let door = asked(&mut bo, "/login/passkey/options").await;
    let made = send(&mut bo, KEYS, &door, &made).await;
    assert_eq!(made.status, 422, "asked for another purpose");
    assert_eq!(site.count("select count(*) from passkeys").await, 1);
    for _ in 1..10 {
        let (_, answer) = add(&mut ana).await;
        assert!(answer.location().contains("note=passkey-added"), "{}", answer.body);
    }
    assert_eq!(ana.get(KEYS).await.location(), "/account/security", "ten are enough");
    assert_eq!(ana.post(&format!("{KEYS}/options"), &[]).await.status, 400);
}

#[tokio::test]
async fn with_the_last_key_goes_what_hung_on_it() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (mut ana, _) = ana_with_a_key(&site).await;
    let (mut second, answer) = add(&mut ana).await;
    assert!(answer.location().contains("note=passkey-added"), "the codes of the first go on: {}", answer.body);
    let codes = "select count(*) from recovery_codes";
    let ids: Vec<Uuid> =
        sqlx::query_scalar("select id from passkeys order by created_at").fetch_all(&site.pool).await.unwrap();
    let gone = ana.post(&format!("{KEYS}/{}/remove", ids[1]), &[]).await;
    assert!(gone.location().contains("note=passkey-removed"), "{}", gone.location());
    assert_eq!(site.count(codes).await, 10);
    let mut elsewhere = at_the_door(&site).await;
    assert!(refused(&give(&mut elsewhere, &mut second).await), "it opens nothing any more");
    ana.post(&format!("{KEYS}/{}/remove", ids[0]), &[]).await;
    assert_eq!(site.count(codes).await, 0);
    let told: Vec<String> = site.mails(ANA).await.into_iter().map(|(template, _)| template).collect();
    let count = |name: &str| told.iter().filter(|template| *template == name).count();
    assert_eq!((count("passkey-added"), count("passkey-removed")), (2, 2), "{told:?}");
}

#[tokio::test]
async fn whoever_takes_the_change_back_takes_the_key_off() {
    let site = Site::with("http://portal.example", |_| {}).await;
    let (_, mut key) = ana_with_a_key(&site).await;
    let link = site.mailed_path(ANA).await;
    let mut owner = site.visitor();
    owner.get(&link).await;
    assert_eq!(owner.post(&link, &[]).await.status, 200);
    assert_eq!(
        site.count("select count(*) from passkeys").await + site.count("select count(*) from recovery_codes").await,
        0
    );
    let mut thief = at_the_door(&site).await;
    assert!(refused(&give(&mut thief, &mut key).await));
}

#[tokio::test]
async fn for_staff_a_key_will_do() {
    let site = Site::requiring().await;
    site.account("staff@demo.example", "support").await;
    let mut staff = site.visitor();
    staff.get("/staff/login").await;
    assert!(sign_in(&mut staff, "staff@demo.example", PASSWORD).await.location().starts_with("/login/second-step"));
    site.run_jobs().await;
    let mail = site.mails("staff@demo.example").await.pop().expect("a code").1;
    let code = digits_in(&mail, 8);
    staff.get("/login/second-step").await;
    staff.post("/login/second-step", &[("code", &code)]).await;
    assert!(
        staff.get("/staff").await.location().starts_with("/account/security/app"),
        "without one's own factor: nothing"
    );
    let (mut key, _) = add(&mut staff).await;
    assert_eq!(staff.get("/staff").await.body, "staff@demo.example");
    let mut elsewhere = at_the_door(&site).await;
    assert_eq!(give(&mut elsewhere, &mut key).await.location(), "/staff");
}

#[tokio::test]
async fn at_a_bare_address_there_are_no_keys() {
    let site = Site::with("http://192.0.2.7", |_| {}).await;
    site.account(ANA, "customer").await;
    let mut ana = site.signed_in(ANA).await;
    assert!(!ana.get("/account/security").await.body.contains("Passkeys"));
    assert_eq!(ana.get(KEYS).await.status, 404);
    assert_eq!(ana.post("/login/passkey/options", &[]).await.status, 404);
}
