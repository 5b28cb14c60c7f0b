use crate::audit::Actor;
use crate::calendar::Zone;
use crate::ids::AccountId;
use crate::lang::Lang;

/// Who is signed in, as the session query found them with this request.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Person {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub language: Lang,
    pub time_zone: String,
    pub role: Role,
    /// When the account is closed, as its owner asked.
    #[serde(skip)]
    pub closes_at: Option<time::OffsetDateTime>,
    /// The password is older than a year, and its owner wants to hear of it.
    #[serde(skip)]
    pub password_is_old: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    Customer,
    Viewer,
    Support,
    Finance,
    Admin,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }

    pub fn is_staff(self) -> bool {
        self != Self::Customer
    }
}

impl Person {
    pub fn zone(&self) -> Zone {
        Zone::parse(&self.time_zone).unwrap_or_else(|_| Zone::utc())
    }

    pub fn actor(&self) -> Actor<'static> {
        Actor { id: Some(self.id), role: self.role.name() }
    }
}
