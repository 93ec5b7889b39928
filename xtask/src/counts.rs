//! Reads how many tests passed and failed out of what `cargo test` and `node --test` print.

use std::ops::AddAssign;

/// How many tests ended which way.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed, or broken off.
    pub failed: u64,
    /// Left out.
    pub skipped: u64,
}

impl Counts {
    /// One test that passed.
    pub const PASS: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One test that failed.
    pub const FAIL: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// A program that failed without a failed test of its own (it did not compile, it crashed) counts as one.
    pub fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The counts of one line of `cargo test`, when it is a `test result:` line.
pub fn cargo_line(line: &str) -> Option<Counts> {
    let parts = line.strip_prefix("test result: ")?;
    let (_, parts) = parts.split_once(". ")?;
    let mut counts = Counts::default();
    for part in parts.split(';') {
        let Some((number, what)) = part.trim().split_once(' ') else {
            continue;
        };
        match (number.parse(), what) {
            (Ok(number), "passed") => counts.passed = number,
            (Ok(number), "failed") => counts.failed = number,
            (Ok(number), "ignored") => counts.skipped = number,
            _ => {}
        }
    }
    Some(counts)
}

/// Reads the TAP of `node --test` line by line: adds up its summary, and keeps what is worth showing.
#[derive(Default)]
pub struct Tap {
    counts: Counts,
    after: After,
}

/// What the lines of the block that may follow a test's line are about.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum After {
    /// No test's line came yet.
    #[default]
    Nothing,
    /// A passed test: its details are noise.
    Pass,
    /// A failed test: its details are what the reader needs.
    Fail,
    /// Inside the details of a passed test.
    Hidden,
}

impl Tap {
    /// Takes in a line; says whether to show it.
    pub fn line(&mut self, line: &str) -> bool {
        if let Some((what, number)) = summary(line) {
            match what {
                "pass" => self.counts.passed += number,
                "fail" | "cancelled" => self.counts.failed += number,
                _ => {}
            }
            return false;
        }
        let text = line.trim_start();
        if self.after == After::Hidden {
            if text == "..." {
                self.after = After::Nothing;
            }
            return false;
        }
        if text.starts_with("ok ") {
            self.after = After::Pass;
            // The summary leaves out groups that are skipped as a whole.
            if text.contains(" # SKIP") || text.contains(" # TODO") {
                self.counts.skipped += 1;
            }
        } else if text.starts_with("not ok ") {
            self.after = After::Fail;
        } else if text == "---" && self.after == After::Pass {
            self.after = After::Hidden;
            return false;
        }
        !(text.is_empty()
            || text.starts_with("TAP version")
            || text.starts_with("# Subtest:")
            || text.starts_with("1.."))
    }

    /// The counts of the whole output.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}

/// `# pass 3` and its like, which stand unindented at the end.
fn summary(line: &str) -> Option<(&str, u64)> {
    let (what, number) = line.strip_prefix("# ")?.split_once(' ')?;
    let known = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo"];
    if what == "duration_ms" {
        return Some((what, 0));
    }
    known.contains(&what).then(|| number.parse().ok()).flatten().map(|number| (what, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cargo_result_line_gives_its_counts() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        let expected = Counts { passed: 12, failed: 2, skipped: 1 };
        assert_eq!(cargo_line(line), Some(expected));
        assert_eq!(cargo_line("test core::tests::works ... ok"), None);
    }

    #[test]
    fn a_program_that_fails_without_a_failed_test_counts_as_one_failure() {
        assert_eq!(Counts::default().with_exit(false), Counts::FAIL);
        assert_eq!(Counts::FAIL.with_exit(false), Counts::FAIL);
        assert_eq!(Counts::PASS.with_exit(true), Counts::PASS);
    }

    #[test]
    fn skipped_tests_are_named_only_when_there_are_some() {
        assert_eq!(Counts::PASS.to_string(), "1 passed, 0 failed");
        let some = Counts { skipped: 2, ..Counts::FAIL };
        assert_eq!(some.to_string(), "0 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn tap_is_counted_and_only_failures_keep_their_details() {
        let text = "\
TAP version 13
# a line the test printed
# Subtest: it adds
ok 1 - it adds
  ---
  duration_ms: 1
  ...
# Subtest: it divides
    # Subtest: by zero
    not ok 1 - by zero
      ---
      error: 'no'
      ...
    1..1
not ok 2 - it divides
  ---
  error: '1 subtest failed'
  ...
ok 3 - it rests # SKIP no browser
  ---
  duration_ms: 0
  ...
1..3
# tests 4
# suites 0
# pass 1
# fail 2
# cancelled 0
# skipped 1
# todo 0
# duration_ms 3.5
";
        let mut tap = Tap::default();
        let shown: Vec<&str> = text.lines().filter(|line| tap.line(line)).collect();
        let expected = Counts { passed: 1, failed: 2, skipped: 1 };
        assert_eq!(tap.counts(), expected);
        assert_eq!(
            shown,
            [
                "# a line the test printed",
                "ok 1 - it adds",
                "    not ok 1 - by zero",
                "      ---",
                "      error: 'no'",
                "      ...",
                "not ok 2 - it divides",
                "  ---",
                "  error: '1 subtest failed'",
                "  ...",
                "ok 3 - it rests # SKIP no browser",
            ]
        );
    }
}
