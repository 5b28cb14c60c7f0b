//! Customers made up by the dozen, and the three who sign in.

use super::chance::Chance;
use crate::imports::bulk::CustomerRow;

#[rustfmt::skip]
const SURNAMES: [(&str, &str); 24] = [
    ("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen"), ("杨", "yang"), ("赵", "zhao"), ("黄", "huang"),
    ("周", "zhou"), ("吴", "wu"), ("徐", "xu"), ("孙", "sun"), ("胡", "hu"), ("朱", "zhu"), ("高", "gao"), ("林", "lin"),
    ("何", "he"), ("郭", "guo"), ("罗", "luo"), ("梁", "liang"), ("宋", "song"), ("郑", "zheng"), ("谢", "xie"), ("韩", "han"),
];
#[rustfmt::skip]
const GIVEN: [(&str, &str); 24] = [
    ("敏", "min"), ("静", "jing"), ("丽", "li"), ("强", "qiang"), ("洋", "yang"), ("艳", "yan"), ("勇", "yong"), ("杰", "jie"),
    ("涛", "tao"), ("明", "ming"), ("超", "chao"), ("霞", "xia"), ("刚", "gang"), ("晓雯", "xiaowen"), ("子轩", "zixuan"), ("雨桐", "yutong"),
    ("思远", "siyuan"), ("嘉怡", "jiayi"), ("浩然", "haoran"), ("欣妍", "xinyan"), ("志强", "zhiqiang"), ("慧敏", "huimin"), ("建华", "jianhua"), ("海燕", "haiyan"),
];
#[rustfmt::skip]
const FIRST: [(&str, &str); 20] = [
    ("Emma", "emma"), ("Lukas", "lukas"), ("Sofía", "sofia"), ("Noah", "noah"), ("Chloé", "chloe"), ("Oliver", "oliver"), ("Amira", "amira"),
    ("Jonas", "jonas"), ("Priya", "priya"), ("Mateo", "mateo"), ("Ingrid", "ingrid"), ("Kenji", "kenji"), ("Fatima", "fatima"), ("Daniel", "daniel"),
    ("Zoë", "zoe"), ("Leila", "leila"), ("Søren", "soren"), ("Grace", "grace"), ("Hugo", "hugo"), ("Nadia", "nadia"),
];
#[rustfmt::skip]
const LAST: [(&str, &str); 20] = [
    ("Fischer", "fischer"), ("O’Neill", "oneill"), ("Martínez", "martinez"), ("Dubois", "dubois"), ("Al-Sabah", "alsabah"), ("Larsen", "larsen"),
    ("Tanaka", "tanaka"), ("Patel", "patel"), ("Rossi", "rossi"), ("Novák", "novak"), ("Brown", "brown"), ("Şahin", "sahin"), ("Weber", "weber"),
    ("Silva", "silva"), ("Johansson", "johansson"), ("Wong", "wong"), ("Kowalczyk", "kowalczyk"), ("Haddad", "haddad"), ("Murphy", "murphy"), ("Vries", "vries"),
];
const ZONES: [&str; 5] = ["Asia/Shanghai", "Asia/Hong_Kong", "Europe/Berlin", "America/New_York", "Asia/Kuwait"];

pub const LI_WEI: &str = "li.wei@demo.example";
pub const ANA: &str = "ana@demo.example";
pub const STAFF: &str = "staff@demo.example";

pub fn fixed() -> [CustomerRow; 3] {
    [
        person(LI_WEI, "李伟", "+8613800138000", "zh-CN", "Asia/Shanghai"),
        person(ANA, "Ana", "+4915550138000", "en", "Europe/Berlin"),
        person(STAFF, "Support Desk", "+85255501380", "en", "Asia/Shanghai"),
    ]
}

pub fn many(chance: &mut Chance, count: usize) -> Vec<CustomerRow> {
    (1..=count).map(|number| one(chance, number)).collect()
}

fn one(chance: &mut Chance, number: usize) -> CustomerRow {
    let chinese = !chance.one_in(3);
    let (given, family) =
        if chinese { (chance.pick(&GIVEN), chance.pick(&SURNAMES)) } else { (chance.pick(&FIRST), chance.pick(&LAST)) };
    let email = format!("{}.{}{number}@customers.example", given.1, family.1);
    let (name, language) = if chinese {
        (format!("{}{}", family.0, given.0), "zh-CN")
    } else {
        (format!("{} {}", given.0, family.0), "en")
    };
    let phone = format!("+861390{number:07}");
    let zone = if chinese && !chance.one_in(3) { "Asia/Shanghai" } else { *chance.pick(&ZONES) };
    person(&email, &name, &phone, language, zone)
}

fn person(email: &str, name: &str, phone: &str, language: &str, time_zone: &str) -> CustomerRow {
    CustomerRow {
        email_key: email.into(),
        email: email.into(),
        name: name.into(),
        phone: Some(phone.into()),
        language: language.into(),
        time_zone: time_zone.into(),
    }
}
