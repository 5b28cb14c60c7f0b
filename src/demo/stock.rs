//! Lines that nobody holds yet, for a rehearsal of adding one.

use super::chance::Chance;
use super::lines::{self, Holder, Wish};
use crate::imports::bulk::{IdentifiedLine, PlanRow};

/// Added by its number or its ICCID.
pub const CARD: (&str, &str) = ("+8613800138300", "89860012345678901238");
/// Added by its activation code.
pub const CODE: &str = "LPA:1$smdp.cucc.example$DEMO-2026-STOCK";

const BLANK: Wish = Wish { plan: "", kind: "", number: "", ends_in: 21, left: 100, label: "", past: None };

pub fn lines(holder: &Holder, plans: &[PlanRow]) -> Vec<IdentifiedLine> {
    let mut chance = Chance::new(20_261_123);
    let wishes = [
        Wish { plan: "ML-M12", kind: "fm_card", number: CARD.0, ..BLANK },
        Wish { plan: "LT-M25", kind: "esim", number: "+8613000138301", ..BLANK },
        Wish { plan: "GL-W365", kind: "fm_card", number: "+447700138302", ..BLANK },
    ];
    let made = wishes.iter().filter_map(|wish| lines::wished(&mut chance, holder, plans, wish));
    let row = |made: lines::Made| {
        let mut row = made.row;
        row.account_id = None;
        match row.plan.as_str() {
            "ML-M12" => row.iccid = CARD.1.to_owned(),
            "LT-M25" => row.activation_code = Some(CODE.to_owned()),
            _ => {}
        }
        IdentifiedLine { id: made.id, row }
    };
    made.map(row).collect()
}
