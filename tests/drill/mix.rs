//! What is bought, how it is paid and what the carrier makes of it: the same for every run, so that runs compare.

/// How payments go at each gateway, in forty parts. What is rare stands where a short run meets it.
const PAYMENTS: [&str; 40] = [
    "twice",
    "reorder",
    "never",
    "pay",
    "timeout",
    "late",
    "declined first",
    "pay",
    "pay",
    "twice", //
    "pay",
    "never",
    "wrong_amount",
    "reorder",
    "pay",
    "timeout",
    "never paid",
    "pay",
    "pay",
    "reorder", //
    "reorder",
    "late",
    "twice",
    "pay",
    "cancelled",
    "pay",
    "declined first",
    "pay",
    "pay",
    "pay", //
    "wrong_amount",
    "pay",
    "twice",
    "pay",
    "pay",
    "pay",
    "pay",
    "pay",
    "pay",
    "pay",
];

/// The last digits of a number: what the carrier does with its line.
const TEMPERS: [&str; 10] = ["100", "101", "102", "103", "104", "105", "106", "107", "120", "555"];

/// Whoever asks waits in vain for five seconds, again and again: one line of a hundred is enough of each.
const SILENT: [&str; 2] = ["101", "102"];

/// Code, price and effect. The gateways do with a refund what the last digits of its amount say.
pub const PLANS: [(&str, i64, &str); 4] = [
    ("DRILL", 3_600, "stack"),
    ("DRILL-13", 3_613, "stack"),
    ("DRILL-14", 3_614, "restart"),
    ("DRILL-15", 3_615, "stack"),
];

/// How payments go where the balance has a part in it: all of them bring their money in the end.
const PURSE_PAYMENTS: [&str; 4] = ["pay", "twice", "declined first", "never"];

/// Where the money of an order comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Funds {
    Gateway,
    /// So much goes onto the balance, in yuan.
    TopUp(&'static str),
    /// All that is on the balance, and the rest by the method.
    Split,
    Balance,
}

impl Funds {
    /// What the balance pays of it.
    pub fn of_balance(self) -> i64 {
        match self {
            Self::Gateway | Self::TopUp(_) => 0,
            Self::Split => 2_000,
            Self::Balance => PLANS[0].1,
        }
    }
}

/// One order: each in turn goes through the next way to pay.
#[derive(Clone, Debug)]
pub struct Deal {
    pub method: &'static str,
    pub funds: Funds,
    pub payment: &'static str,
    pub temper: &'static str,
    pub plan: &'static str,
    /// The payer follows the gateway's way back, which has the portal ask; the others just leave.
    pub comes_back: bool,
}

impl Deal {
    pub fn numbered(number: usize, methods: &[&'static str]) -> Self {
        let (turn, way) = (number / methods.len(), number % methods.len());
        let payment = PAYMENTS[(turn + 10 * way) % PAYMENTS.len()];
        // Forty and ten would meet in the same pairs for ever: one more each round.
        let temper = TEMPERS[(turn + turn / PAYMENTS.len() + 4 * way) % TEMPERS.len()];
        let temper = if SILENT.contains(&temper) && turn % 100 >= TEMPERS.len() { "555" } else { temper };
        let plan = PLANS[if temper == "103" { (turn / TEMPERS.len() + way) % PLANS.len() } else { 0 }].0;
        let comes_back = payment == "declined first" || payment != "never" && turn.is_multiple_of(2);
        Self { method: methods[way], funds: Funds::Gateway, payment, temper, plan, comes_back }
    }

    /// What a customer with a balance does: tops up, spends it beside a gateway, tops up again, pays with it alone. Every
    /// other renewal is refused, and each part goes back to where it came from.
    pub fn of_purse(number: usize, methods: &[&'static str]) -> [Self; 4] {
        let method = methods[number % methods.len()];
        let mut turn = number..;
        [Funds::TopUp("20"), Funds::Split, Funds::TopUp("50"), Funds::Balance].map(|funds| {
            let turn = turn.next().unwrap_or_default();
            let payment = if funds == Funds::Balance { "balance" } else { PURSE_PAYMENTS[turn % PURSE_PAYMENTS.len()] };
            let temper = if turn.is_multiple_of(2) { "100" } else { "103" };
            Self { method, funds, payment, temper, plan: PLANS[0].0, comes_back: true }
        })
    }

    /// The row it is counted in.
    pub fn row(&self) -> &'static str {
        match self.funds {
            Funds::Gateway => self.method,
            Funds::TopUp(_) => "top-up",
            Funds::Split => "split",
            Funds::Balance => "balance",
        }
    }

    /// The buttons pressed on the gateway's page, one for each try.
    pub fn presses(&self) -> &'static [&'static str] {
        match self.payment {
            "never paid" | "balance" => &[],
            "declined first" => &["decline", "pay"],
            "cancelled" | "late" => &["late"],
            "pay" => &["pay"],
            "twice" => &["twice"],
            "reorder" => &["reorder"],
            "never" => &["never"],
            "timeout" => &["timeout"],
            "wrong_amount" => &["wrong_amount"],
            other => panic!("no payment goes {other}"),
        }
    }
}
