//! The columns of each file and the names they go by.

use super::sheet::Unusable;
use crate::numbers::half_width;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Code,
    Carrier,
    Kinds,
    NameZh,
    NameEn,
    Term,
    Data,
    Minutes,
    Sms,
    Coverage,
    Price,
    Currency,
    Effect,
    CarrierProduct,
    Email,
    Phone,
    Name,
    Language,
    TimeZone,
    Kind,
    Iccid,
    Msisdn,
    CarrierLineId,
    Eid,
    ActivationCode,
    ConfirmationCode,
    CustomerEmail,
    Plan,
    Status,
    ValidFrom,
    ValidUntil,
    DataTotal,
    DataLeft,
    MinutesLeft,
    SmsLeft,
    CarrierBalance,
    Label,
    Prefix,
    LineKind,
    Note,
}

/// One column of a file: its English name first, then every other heading that means the same.
pub struct Heading {
    pub column: Column,
    pub required: bool,
    pub names: &'static [&'static str],
}

pub struct Table(&'static [Heading]);

const fn must(column: Column, names: &'static [&'static str]) -> Heading {
    Heading { column, required: true, names }
}

const fn may(column: Column, names: &'static [&'static str]) -> Heading {
    Heading { column, required: false, names }
}

pub const PLANS: Table = Table(&[
    must(Column::Code, &["code", "套餐代码", "代码", "套餐编号"]),
    must(Column::Carrier, &["carrier", "运营商"]),
    must(Column::Kinds, &["kinds", "适用类型", "类型", "kind"]),
    must(Column::NameZh, &["name_zh", "中文名", "中文名称"]),
    must(Column::NameEn, &["name_en", "英文名", "英文名称"]),
    must(Column::Term, &["term", "周期", "有效期"]),
    must(Column::Data, &["data", "流量"]),
    may(Column::Minutes, &["minutes", "分钟", "通话分钟"]),
    may(Column::Sms, &["sms", "短信"]),
    must(Column::Coverage, &["coverage", "覆盖", "覆盖地区"]),
    must(Column::Price, &["price", "价格"]),
    must(Column::Currency, &["currency", "币种", "货币"]),
    must(Column::Effect, &["effect", "续费方式", "续费效果", "生效方式"]),
    must(Column::CarrierProduct, &["carrier_product", "运营商产品", "运营商产品代码"]),
]);

pub const CUSTOMERS: Table = Table(&[
    must(Column::Email, &["email", "邮箱", "电子邮箱", "客户邮箱"]),
    may(Column::Phone, &["phone", "手机", "手机号", "电话"]),
    must(Column::Name, &["name", "姓名", "名称"]),
    may(Column::Language, &["language", "语言"]),
    may(Column::TimeZone, &["time_zone", "时区"]),
]);

pub const LINES: Table = Table(&[
    must(Column::Kind, &["kind", "类型"]),
    must(Column::Iccid, &["iccid", "卡号"]),
    may(Column::Msisdn, &["msisdn", "号码", "手机号码"]),
    may(Column::CarrierLineId, &["carrier_line_id", "运营商线路编号"]),
    may(Column::Eid, &["eid"]),
    may(Column::ActivationCode, &["activation_code", "激活码"]),
    may(Column::ConfirmationCode, &["confirmation_code", "确认码"]),
    must(Column::Carrier, &["carrier", "运营商"]),
    must(Column::CustomerEmail, &["customer_email", "客户邮箱", "邮箱"]),
    must(Column::Plan, &["plan", "套餐", "套餐代码"]),
    may(Column::Status, &["status", "状态"]),
    must(Column::ValidFrom, &["valid_from", "开始日期", "生效日期"]),
    must(Column::ValidUntil, &["valid_until", "到期日期", "到期日"]),
    may(Column::DataTotal, &["data_total", "总流量"]),
    may(Column::DataLeft, &["data_left", "剩余流量"]),
    may(Column::MinutesLeft, &["minutes_left", "剩余分钟"]),
    may(Column::SmsLeft, &["sms_left", "剩余短信"]),
    may(Column::CarrierBalance, &["carrier_balance", "余额"]),
    may(Column::Label, &["label", "备注"]),
]);

pub const RANGES: Table = Table(&[
    must(Column::Kind, &["kind", "类型"]),
    must(Column::Prefix, &["prefix", "开头", "号段", "前缀"]),
    must(Column::Carrier, &["carrier", "运营商"]),
    may(Column::LineKind, &["line_kind", "号卡类型"]),
    may(Column::Plan, &["plan", "套餐", "套餐代码"]),
    may(Column::Note, &["note", "备注"]),
]);

impl Table {
    /// What stands in each column, and the headings that mean nothing to us.
    pub(super) fn recognise<'a>(
        &self,
        headers: impl Iterator<Item = &'a str>,
    ) -> Result<(Vec<Option<Column>>, Vec<String>), Unusable> {
        let headers: Vec<&str> = headers.map(str::trim).collect();
        let columns: Vec<Option<Column>> = headers.iter().map(|name| self.find(name)).collect();
        for heading in self.0 {
            let count = columns.iter().filter(|found| **found == Some(heading.column)).count();
            if count > 1 {
                return Err(Unusable::ColumnTwice(heading.names[0]));
            }
        }
        self.expect_all(&columns, &headers)?;
        let unknown = |(name, column): (&&str, &Option<Column>)| {
            (column.is_none() && !name.is_empty()).then(|| (*name).to_owned())
        };
        let ignored = headers.iter().zip(&columns).filter_map(unknown).collect();
        Ok((columns, ignored))
    }

    /// The name a problem is reported under.
    pub fn name(&self, column: Column) -> &'static str {
        self.0.iter().find(|heading| heading.column == column).map_or("", |found| found.names[0])
    }

    fn find(&self, header: &str) -> Option<Column> {
        let header = half_width(header).trim().to_lowercase().replace([' ', '-'], "_");
        self.0.iter().find(|known| known.names.contains(&header.as_str())).map(|found| found.column)
    }

    fn expect_all(&self, columns: &[Option<Column>], headers: &[&str]) -> Result<(), Unusable> {
        let missing: Vec<String> = self
            .0
            .iter()
            .filter(|heading| heading.required && !columns.contains(&Some(heading.column)))
            .map(Heading::both_names)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let expected: Vec<String> = self.0.iter().map(Heading::as_expected).collect();
        Err(Unusable::Columns { missing: missing.join(", "), found: headers.join(", "), expected: expected.join(", ") })
    }
}

impl Heading {
    fn both_names(&self) -> String {
        match self.names {
            [english, chinese, ..] => format!("{english} ({chinese})"),
            names => names.join(", "),
        }
    }

    fn as_expected(&self) -> String {
        if self.required { self.both_names() } else { format!("[{}]", self.both_names()) }
    }
}
