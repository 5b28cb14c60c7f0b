use super::*;

#[test]
fn tidies_what_is_pasted() {
    for text in [
        "89860012345678901238",
        "８９８６００１２３４５６７８９０１２３８",
        " 8986 0012 3456 7890 1238 ",
        "8986-0012-3456-7890-1238",
        "'89860012345678901238",
        "=\"89860012345678901238\"",
    ] {
        let iccid = Iccid::parse(text).unwrap();
        assert_eq!(iccid.as_str(), "89860012345678901238");
        assert!(iccid.looks_right());
    }
    assert_eq!(Iccid::parse("8986001234567890120F").unwrap().as_str(), "8986001234567890120");
    assert_eq!(Iccid::parse("8986001234567890120f").unwrap().as_str(), "8986001234567890120");
    for length in 17..=21 {
        let digits = &"898600123456789012389"[..length];
        assert_eq!(Iccid::parse(&format!("{digits}ＦＦ")).unwrap().as_str(), digits);
    }
}

#[test]
fn a_failing_luhn_is_a_hint() {
    for text in ["8997250230000292199", "89852000263413436720"] {
        assert!(!Iccid::parse(text).unwrap().looks_right());
    }
    for text in ["89852245280001138065", "8997212330099025334"] {
        assert!(Iccid::parse(text).unwrap().looks_right());
    }
}

#[test]
fn refuses_what_a_spreadsheet_has_shortened() {
    for text in ["8.98611E+19", "8,98611E+19", "9E+19", "8.98611e19", "89861114398624400000"] {
        assert_eq!(Iccid::parse(text), Err(NumberError::Shortened), "{text}");
    }
    assert_eq!(Msisdn::parse("8.61381E+12"), Err(NumberError::Shortened));
    assert_eq!(Eid::parse("8.9049E+31"), Err(NumberError::Shortened));
}

#[test]
fn refuses_what_is_no_number() {
    use NumberError::*;
    assert_eq!(Iccid::parse(""), Err(Empty));
    assert_eq!(Iccid::parse("F"), Err(Empty));
    assert_eq!(Iccid::parse("8986001234567890ABCD"), Err(NotDigits));
    assert_eq!(Iccid::parse("898600123456"), Err(Length(12, "19 or 20")));
    assert_eq!(Msisdn::parse("13800138000"), Err(NoCountryCode));
    assert_eq!(Msisdn::parse("+1234"), Err(Length(4, "5 to 15")));
    assert_eq!(Msisdn::parse("+12ab5678"), Err(NotDigits));
    assert_eq!(Eid::parse("89049031111111111111111111111111"), Err(CheckDigits));
    assert_eq!(Eid::parse("8904903"), Err(Length(7, "32")));
}

#[test]
fn knows_good_eids() {
    for text in ["89049032007108882600137544319616", "89001012012341234012345678901224"] {
        assert_eq!(Eid::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn groups_for_reading() {
    let iccid = Iccid::parse("89860012345678901238").unwrap();
    assert_eq!(iccid.grouped(), "8986 0012 3456 7890 1238");
    for (number, shown) in [
        ("+8613800138120", "138 0013 8120"),
        ("+447700885485", "+44 7700 885 485"),
        ("+85259696751", "+852 5969 6751"),
        ("+883510696414", "+883 510 696 414"),
        ("+861347122250", "+86 1347 122 250"),
        ("+12025550123", "+1 2025 550 123"),
        ("+12345", "+1 2345"),
    ] {
        assert_eq!(Msisdn::parse(number).unwrap().grouped(), shown);
    }
}

#[test]
fn an_imei_has_a_check_digit_and_with_a_software_version_none() {
    use NumberError::*;
    for text in ["352099001761481", "35-209900-176148-1", "35 209900 176148 1", "３５２０９９００１７６１４８１"]
    {
        assert_eq!(Imei::parse(text).unwrap().as_str(), "352099001761481", "{text}");
    }
    assert_eq!(Imei::parse("3520990017614823").unwrap().as_str(), "3520990017614823");
    assert_eq!(Imei::parse("35209900176148/23").unwrap().as_str(), "3520990017614823");
    assert_eq!(Imei::parse("352099001761482"), Err(CheckDigits));
    assert_eq!(Imei::parse("35209900176148"), Err(Length(14, "15 or 16")));
    assert_eq!(Imei::parse("3.52099E+14"), Err(Shortened));
    assert_eq!(Imei::parse(""), Err(Empty));
    assert_eq!(Imei::parse("A52099001761481"), Err(NotDigits));
}

#[test]
fn a_number_nobody_can_have_looks_wrong() {
    assert!(Msisdn::parse("+8613800138000").unwrap().looks_right());
    assert!(!Msisdn::parse("+12345").unwrap().looks_right());
    assert_eq!(Msisdn::parse("+8613800138000").unwrap().country_code(), "86");
    assert_eq!(Msisdn::parse("+85259696751").unwrap().country_code(), "852");
}
