//! Breaking a text into lines: between words, between Chinese characters, and inside a word that fits no line.

use super::font::{self, Weight};

/// Longer texts than this end in an ellipsis; no honest value comes near.
const LONGEST: usize = 400;
const NEVER_FIRST: &str = "，。、；：！？）】》」』〉〕％…·,.;:!?)]}%’”";
const NEVER_LAST: &str = "（【《「『〈〔([{‘“¥£€$";

pub fn wrap(text: &str, size: f32, weight: Weight, room: f32) -> Vec<String> {
    let text = shorten(&font::clean(text));
    let mut lines = Lines { done: vec![String::new()], used: 0.0, room };
    for piece in pieces(&text) {
        let seen = font::width(piece.trim_end(), size, weight);
        if !lines.holds(seen) {
            lines.begin();
        }
        if lines.holds(seen) {
            lines.append(piece, font::width(piece, size, weight));
        } else {
            lines.append_cut(piece, size, weight);
        }
    }
    lines.finish()
}

struct Lines {
    done: Vec<String>,
    used: f32,
    room: f32,
}

impl Lines {
    fn holds(&self, width: f32) -> bool {
        self.used + width <= self.room
    }

    fn begin(&mut self) {
        if self.used > 0.0 {
            self.done.push(String::new());
            self.used = 0.0;
        }
    }

    fn append(&mut self, piece: &str, width: f32) {
        if let Some(line) = self.done.last_mut() {
            line.push_str(piece);
        }
        self.used += width;
    }

    /// Fills as many lines as the piece needs, cut between characters.
    fn append_cut(&mut self, piece: &str, size: f32, weight: Weight) {
        let mut buffer = [0; 4];
        for character in piece.chars() {
            let one = &*character.encode_utf8(&mut buffer);
            let wide = font::width(one, size, weight);
            if character != ' ' && !self.holds(wide) {
                self.begin();
            }
            self.append(one, wide);
        }
    }

    fn finish(mut self) -> Vec<String> {
        for line in &mut self.done {
            line.truncate(line.trim_end().len());
        }
        self.done.retain(|line| !line.is_empty());
        self.done
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// Cuts a text wherever a line may end.
fn pieces(text: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut characters = text.char_indices().peekable();
    while let Some((_, before)) = characters.next() {
        if let Some(&(at, after)) = characters.peek()
            && may_break(before, after)
        {
            cuts.push(at);
        }
    }
    cuts.push(text.len());
    cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect()
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after) || matches!(before, '-' | '/' | '_' | '@')
}

fn is_wide(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, room: f32) -> Vec<String> {
        wrap(text, 10.0, Weight::Regular, room)
    }

    #[test]
    fn words_stay_whole_and_chinese_breaks_anywhere() {
        assert_eq!(lines("Renewal receipt", 50.0), ["Renewal", "receipt"]);
        assert_eq!(lines("续费凭证", 25.0), ["续费", "凭证"]);
    }

    #[test]
    fn punctuation_never_opens_a_line() {
        assert_eq!(lines("有效期，延长", 30.0), ["有效", "期，延", "长"]);
        assert_eq!(lines("至十月（含）", 40.0), ["至十月", "（含）"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_cut_and_nothing_is_lost() {
        let word = "8986001234567890123489860012345678901234";
        let broken = lines(word, 60.0);
        assert!(broken.len() > 2);
        assert_eq!(broken.concat(), word);
        for line in broken {
            assert!(font::width(&line, 10.0, Weight::Regular) <= 60.0);
        }
    }

    #[test]
    fn an_endless_text_ends_in_an_ellipsis_and_an_empty_one_has_no_line() {
        assert!(lines(&"长".repeat(9_000), 100.0).concat().ends_with("长…"));
        assert!(lines(" \n", 100.0).is_empty());
    }
}
