//! How a line behaves, by the last three digits of its number.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// 100: done at once.
    AtOnce,
    /// 101: does it and never says so.
    SilentlyDone,
    /// 102: neither does it nor says so.
    SilentlyNot,
    /// 103: not renewable, found out only when it is asked to renew.
    Refuses,
    /// 104: turned away with 503 for a while.
    Unavailable,
    /// 105: done, and answered as a duplicate of itself.
    Duplicate,
    /// 106: done, with fewer days than promised.
    Short,
    /// 107: an error page for people, with status 200.
    ErrorPage,
    /// 120: takes its time.
    Slow,
    /// Any other: done within seconds.
    Usual,
}

impl Magic {
    pub fn of(number: Option<&str>) -> Magic {
        let number = number.unwrap_or_default();
        match number.get(number.len().saturating_sub(3)..).unwrap_or_default() {
            "100" => Magic::AtOnce,
            "101" => Magic::SilentlyDone,
            "102" => Magic::SilentlyNot,
            "103" => Magic::Refuses,
            "104" => Magic::Unavailable,
            "105" => Magic::Duplicate,
            "106" => Magic::Short,
            "107" => Magic::ErrorPage,
            "120" => Magic::Slow,
            _ => Magic::Usual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_digits_decide() {
        for (number, magic) in [
            (Some("+8613800138100"), Magic::AtOnce),
            (Some("+8613800100107"), Magic::ErrorPage),
            (Some("+8613810010199"), Magic::Usual),
            (Some("10"), Magic::Usual),
            (None, Magic::Usual),
        ] {
            assert_eq!(Magic::of(number), magic, "{number:?}");
        }
    }
}
