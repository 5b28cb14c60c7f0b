//! QR codes as SVG that a page can inline under a policy without inline styles.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};

/// Light modules a reader needs on every side (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// The code of `content` in the colour of the text around it; `title` is what a screen reader says.
/// The page puts it on a light ground, also in its dark scheme: many readers refuse light on dark.
pub fn svg(content: &str, title: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M)?;
    let side = code.width() + 2 * QUIET;
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><title>{}</title><path fill="currentColor" d="{}"/></svg>"#,
        escape(title),
        dark_runs(&code),
    ))
}

/// One rectangle for every run of dark modules in a row.
fn dark_runs(code: &QrCode) -> String {
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(code.width()).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                path += &format!("M{} {}h{}v1h-{}z", column + QUIET, row + QUIET, run.len(), run.len());
            }
            column += run.len();
        }
    }
    path
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::{Html, Selector};

    const ACTIVATION: &str = "LPA:1$smdp.example.com$04386-AGYFT-A74Y8-3F815";

    #[test]
    fn says_what_it_is_and_brings_no_style() {
        let svg = svg(ACTIVATION, "安装 <eSIM> & more").unwrap();
        let page = Html::parse_fragment(&svg);
        let title = page.select(&Selector::parse("svg[role=img] > title").unwrap()).next().unwrap();
        assert_eq!(title.text().collect::<String>(), "安装 <eSIM> & more");
        assert!(svg.contains(r#"fill="currentColor""#) && !svg.contains("style"));
        assert!(!svg.contains("<script"));
    }

    #[test]
    fn paints_exactly_the_modules_of_the_code_inside_the_quiet_zone() {
        let code = QrCode::with_error_correction_level(ACTIVATION, EcLevel::M).unwrap();
        let mut painted = vec![Color::Light; code.width() * code.width()];
        for run in dark_runs(&code).split('M').skip(1) {
            let numbers: Vec<usize> = run.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            let [x, y, length, ..] = numbers[..] else { panic!("{run}") };
            let start = (y - QUIET) * code.width() + x - QUIET;
            painted[start..start + length].fill(Color::Dark);
        }
        assert_eq!(painted, code.to_colors());
        assert!(svg(ACTIVATION, "").unwrap().contains(&format!("0 0 {0} {0}", code.width() + 8)));
    }

    #[test]
    fn refuses_more_than_a_code_can_hold() {
        assert!(svg(&"1".repeat(8_000), "").is_err());
    }
}
