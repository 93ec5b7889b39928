//! The state machine of the transport: what is sent when, and that nothing is lost without being counted.

use proptest::prelude::*;
use tailcone_core::envelope::{EVENT, FEEDBACK};
use tailcone_core::{Action, Client, Event, EventId, Options, Outcome, Outgoing, Reply, Timestamp, json};

const NOW: Timestamp = Timestamp(1_700_000_000_000);

fn client() -> Client {
    let mut options = Options::new("https://example.com/".into(), "tailcone.test", "0.0.0");
    options.stamp = Some(Timestamp::to_rfc3339);
    Client::new(options)
}

fn event(number: u8) -> Event {
    let mut event = Event::new();
    event.set_message("x").complete(EventId::from_random([number; 16]), NOW, "other");
    event
}

fn actions(client: &mut Client) -> Vec<Action> {
    std::iter::from_fn(|| client.next_action()).collect()
}

fn requests(client: &mut Client) -> Vec<Outgoing> {
    let sends = actions(client).into_iter();
    sends.filter_map(|action| if let Action::Send(outgoing) = action { Some(outgoing) } else { None }).collect()
}

const fn http(status: u16) -> Reply<'static> {
    Reply::Http { status, limits: "", retry_after: "" }
}

/// The discarded events that an envelope reports: reason, category, quantity.
fn reported(body: &str) -> Vec<(String, String, u64)> {
    let mut lines = body.lines();
    let report = lines.find(|line| line.contains("\"client_report\"")).and_then(|_| lines.next());
    let report: serde_json::Value = report.map_or(serde_json::Value::Null, |line| serde_json::from_str(line).unwrap());
    let losses = report["discarded_events"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    losses.iter().map(|l| (text(&l["reason"]), text(&l["category"]), l["quantity"].as_u64().unwrap())).collect()
}

#[test]
fn an_envelope_has_a_header_and_items_with_their_length_in_bytes() {
    let mut client = client();
    let mut event = Event::new();
    event.set_message("größer\n").complete(EventId::from_random([7; 16]), NOW, "other");
    assert_eq!(client.capture(&EVENT, event, &[], 0, NOW), Outcome::Queued);
    let sent = requests(&mut client);
    let lines: Vec<&str> = sent[0].body.split('\n').collect();
    let header: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(header["event_id"], "07070707070747078707070707070707");
    assert_eq!(header["sent_at"], "2023-11-14T22:13:20.000Z");
    assert_eq!(header["sdk"]["name"], "tailcone.test");
    let item: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!(item["type"], "event");
    assert_eq!(item["length"].as_u64(), Some(lines[2].len() as u64));
    let event: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(event["logentry"]["formatted"], "größer\n");
    assert_eq!(event["sdk"]["settings"]["infer_ip"], "never");
    assert_eq!(event["environment"], "production");
    assert_eq!(lines[3..], [""]);
}

#[test]
fn no_more_than_four_requests_are_under_way() {
    let mut client = client();
    for number in 0..10 {
        client.capture(&EVENT, event(number), &[], 0, NOW);
    }
    let sent = requests(&mut client);
    assert_eq!(sent.len(), 4);
    client.on_response(sent[0].id, &http(200), NOW);
    assert_eq!(requests(&mut client).len(), 1);
}

#[test]
fn no_more_waits_than_a_hundred_items_of_a_mebibyte_in_all() {
    let large = |number| {
        let parts: Vec<_> = (0..14).map(|part| format!("\"{part}\":\"{}\"", "x".repeat(14_000))).collect();
        let mut event = event(number);
        event.set("extra", json::parse(&format!("{{{}}}", parts.join(","))).unwrap());
        event
    };
    for (make, most) in [(&event as &dyn Fn(u8) -> Event, 100), (&large, 5)] {
        let mut client = client();
        let outcomes: Vec<_> = (0..110).map(|number| client.capture(&EVENT, make(number), &[], 0, NOW)).collect();
        let full = outcomes.iter().filter(|outcome| **outcome == Outcome::QueueFull).count();
        assert_eq!(full, 110 - 4 - most, "four are under way");
        assert!(outcomes[..4 + most].iter().all(|outcome| *outcome == Outcome::Queued), "the first ones are kept");
        let sent = requests(&mut client);
        client.on_response(sent[0].id, &http(200), NOW);
        let counted = u64::try_from(full).unwrap();
        assert_eq!(reported(&requests(&mut client)[0].body), [("queue_overflow".into(), "error".into(), counted)]);
    }
}

#[test]
fn refusals_are_counted_and_told_with_the_next_envelope() {
    for (status, counted) in [(200, 0), (202, 0), (400, 1), (404, 1), (413, 1), (500, 1), (429, 0), (301, 1)] {
        let mut client = client();
        client.capture(&EVENT, event(1), &[], 0, NOW);
        let sent = requests(&mut client);
        client.on_response(sent[0].id, &http(status), NOW);
        let later = NOW.plus(61_000);
        client.capture(&EVENT, event(2), &[], 0, later);
        let next = requests(&mut client);
        let expected = (counted > 0).then(|| ("send_error".to_owned(), "error".to_owned(), counted));
        assert_eq!(reported(&next[0].body), expected.into_iter().collect::<Vec<_>>(), "{status}");
    }
}

#[test]
fn a_limit_silences_its_category_until_it_ends() {
    let mut client = client();
    client.capture(&EVENT, event(1), &[], 0, NOW);
    let sent = requests(&mut client);
    let reply = Reply::Http { status: 200, limits: "10:error:key", retry_after: "" };
    client.on_response(sent[0].id, &reply, NOW);
    assert_eq!(client.capture(&EVENT, event(2), &[], 0, NOW.plus(9_999)), Outcome::RateLimited);
    assert_eq!(client.capture(&FEEDBACK, event(3), &[], 0, NOW.plus(9_999)), Outcome::Queued);
    let sent = requests(&mut client);
    assert_eq!(reported(&sent[0].body), [("ratelimit_backoff".into(), "error".into(), 1)]);
    assert_eq!(client.capture(&EVENT, event(4), &[], 0, NOW.plus(10_000)), Outcome::Queued);
}

#[test]
fn what_is_queued_when_a_limit_begins_is_dropped_and_counted() {
    let mut client = client();
    for number in 0..6 {
        client.capture(&EVENT, event(number), &[], 0, NOW);
    }
    let sent = requests(&mut client);
    client.on_response(sent[0].id, &http(429), NOW);
    assert!(requests(&mut client).is_empty());
    client.flush(1, 1000, NOW);
    let told = requests(&mut client);
    assert_eq!(reported(&told[0].body), [("ratelimit_backoff".into(), "error".into(), 2)]);
}

#[test]
fn a_request_that_was_to_outlive_the_page_is_tried_once_more_without_that() {
    let mut client = client();
    client.capture(&EVENT, event(1), &[], 7, NOW);
    let first = requests(&mut client);
    assert!(first[0].keepalive);
    client.on_response(first[0].id, &Reply::Failed, NOW);
    let second = requests(&mut client);
    assert!(!second[0].keepalive);
    client.on_response(second[0].id, &http(200), NOW);
    assert_eq!(actions(&mut client), [Action::Settled { ticket: 7, lost: None, until: Timestamp::default() }]);
}

/// Answers every request until a pause begins, and says how many there were and how long the pause is.
fn until_pause(client: &mut Client, reply: &Reply<'_>, now: Timestamp) -> (usize, Option<u32>) {
    let (mut sent, mut pause) = (0, None);
    while let Some(action) = client.next_action() {
        match action {
            Action::Send(request) => {
                sent += 1;
                client.on_response(request.id, reply, now);
            }
            Action::Wake(delay) => pause = Some(delay),
            _ => {}
        }
    }
    (sent, pause)
}

#[test]
fn what_no_answer_comes_to_is_tried_again_after_growing_pauses() {
    let mut client = client();
    client.capture(&EVENT, event(1), &[], 7, NOW);
    let mut now = NOW;
    for pause in [1000, 5000, 25_000] {
        // That this one's first request fails is no reason to begin anew.
        client.capture(&EVENT, event(2), &[], 0, now);
        let (sent, wake) = until_pause(&mut client, &Reply::Failed, now);
        assert!(sent > 0);
        let wake = wake.expect("it is tried again");
        assert!((pause..=pause * 3 / 2).contains(&wake), "{wake} for {pause}");
        client.on_tick(now.plus(u64::from(wake) - 1));
        assert_eq!(requests(&mut client), [], "nothing is sent in a pause");
        now = now.plus(u64::from(wake));
        client.on_tick(now);
    }
    let mut lost = Vec::new();
    for request in requests(&mut client) {
        client.on_response(request.id, &Reply::Failed, now);
        lost.extend(actions(&mut client).into_iter().filter(|action| matches!(action, Action::Settled { .. })));
    }
    assert_eq!(lost, [Action::Settled { ticket: 7, lost: Some("network_error"), until: Timestamp::default() }]);
    client.flush(1, 1000, now);
    assert_eq!(reported(&requests(&mut client)[0].body), [("network_error".into(), "error".into(), 2)]);
}

#[test]
fn not_all_clients_come_back_at_once() {
    let pauses = (0..50).map(|number| {
        let mut client = client();
        client.capture(&EVENT, event(number), &[], 0, NOW);
        until_pause(&mut client, &Reply::Failed, NOW).1
    });
    assert!(pauses.collect::<std::collections::HashSet<_>>().len() > 25);
}

#[test]
fn a_pause_is_one_for_all_and_ends_with_an_answer_a_flush_or_the_page() {
    let resume: [fn(&mut Client); 3] = [
        |client| client.flush(1, 1000, NOW),
        |client| client.on_visibility(true, NOW),
        |client| {
            client.on_visibility(false, NOW);
        },
    ];
    for resume in resume {
        let mut client = client();
        for number in 0..3 {
            client.capture(&EVENT, event(number), &[], 0, NOW);
        }
        assert!(until_pause(&mut client, &Reply::Failed, NOW).1.is_some());
        client.capture(&EVENT, event(3), &[], 0, NOW);
        assert_eq!(requests(&mut client), []);
        resume(&mut client);
        let sent = requests(&mut client);
        assert_eq!(sent.len(), 4);
        for request in &sent {
            client.on_response(request.id, &http(200), NOW);
        }
        // The next pause is the first again.
        client.capture(&EVENT, event(4), &[], 0, NOW);
        let pause = until_pause(&mut client, &Reply::Failed, NOW).1.expect("a pause");
        assert!(pause <= 1500, "{pause}");
    }
}

#[test]
fn without_a_network_nothing_is_used_up() {
    let mut client = client();
    client.capture(&EVENT, event(1), &[], 7, NOW);
    let mut now = NOW;
    for _ in 0..20 {
        let (sent, wake) = until_pause(&mut client, &Reply::Offline, now);
        assert_eq!(sent, 1);
        now = now.plus(u64::from(wake.expect("it is tried again")));
        client.on_tick(now);
    }
    let sent = requests(&mut client);
    client.on_response(sent[0].id, &http(200), now);
    assert_eq!(actions(&mut client), [Action::Settled { ticket: 7, lost: None, until: Timestamp::default() }]);
}

#[test]
fn an_answer_of_the_server_is_final_unless_it_is_wanted_otherwise() {
    for (retry_on_5xx, status, attempts) in [
        (false, 500, 1),
        (false, 503, 1),
        (true, 500, 4),
        (true, 599, 4),
        (true, 400, 1),
        (true, 413, 1),
        (true, 429, 1),
    ] {
        let mut options = Options::new("https://example.com/".into(), "tailcone.test", "0.0.0");
        options.retry_on_5xx = retry_on_5xx;
        let mut client = Client::new(options);
        client.capture(&EVENT, event(1), &[], 0, NOW);
        let (mut now, mut sent) = (NOW, 0);
        loop {
            let (more, wake) = until_pause(&mut client, &http(status), now);
            sent += more;
            let Some(wake) = wake else { break };
            now = now.plus(u64::from(wake));
            client.on_tick(now);
        }
        assert_eq!(sent, attempts, "{status}, {retry_on_5xx}");
    }
}

#[test]
fn limits_are_read_as_the_fixtures_say() {
    let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("../fixtures/limits.json")).unwrap();
    assert!(rows.len() >= 60);
    for row in rows {
        let text = |key: &str| row[key].as_str().unwrap();
        let mut client = client();
        client.capture(&EVENT, event(1), &[], 0, NOW);
        let sent = requests(&mut client);
        let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
        let reply = Reply::Http { status, limits: text("limits"), retry_after: text("retry_after") };
        client.on_response(sent[0].id, &reply, NOW);
        for (kind, key) in [(&EVENT, "error"), (&FEEDBACK, "feedback")] {
            actions(&mut client);
            let outcome = client.capture(kind, event(2), &[], 9, NOW);
            let until = actions(&mut client).into_iter().find_map(|action| match action {
                Action::Settled { until, .. } => Some(until.since(NOW) / 1000),
                _ => None,
            });
            assert_eq!(until, row[key].as_u64(), "{key}: {row}");
            assert_eq!(outcome == Outcome::RateLimited, until.is_some(), "{row}");
        }
    }
}

/// Captures an event with attachments.
fn attach(client: &mut Client, ticket: u32, attached: usize) {
    assert_eq!(client.submit(&EVENT, event(1), ticket, attached, NOW), Outcome::Queued);
}

#[test]
fn attachments_count_as_bytes_of_requests_and_of_losses() {
    let mut client = client();
    attach(&mut client, 1, 50_000);
    attach(&mut client, 2, 50_000);
    let sent = requests(&mut client);
    let seen: Vec<_> = sent.iter().map(|request| (request.attached, request.keepalive)).collect();
    assert_eq!(seen, [(50_000, true), (50_000, false)]);
    client.on_response(sent[0].id, &http(500), NOW);
    client.flush(1, 1000, NOW);
    let told = requests(&mut client);
    let lost = |category: &str, quantity| ("send_error".to_owned(), category.to_owned(), quantity);
    assert_eq!(reported(&told[0].body), [lost("error", 1), lost("attachment", 50_000)]);
}

#[test]
fn attachments_stay_behind_where_they_are_limited_or_the_page_goes() {
    let mut client = client();
    attach(&mut client, 1, 10);
    let sent = requests(&mut client);
    let reply = Reply::Http { status: 200, limits: "60:attachment:key", retry_after: "" };
    client.on_response(sent[0].id, &reply, NOW);
    actions(&mut client);
    attach(&mut client, 2, 11);
    let sent = requests(&mut client);
    assert_eq!(sent[0].attached, 0);
    assert_eq!(reported(&sent[0].body), [("ratelimit_backoff".into(), "attachment".into(), 11)]);

    let mut client = self::client();
    client.on_visibility(true, NOW);
    attach(&mut client, 1, 1000);
    attach(&mut client, 2, 70_000);
    let sent = requests(&mut client);
    assert_eq!((sent[0].attached, sent[1].attached), (1000, 0));
    assert_eq!(reported(&sent[1].body), [("invalid".into(), "attachment".into(), 70_000)]);
}

#[test]
fn no_more_than_sixty_kibibytes_are_under_way_in_requests_that_outlive_the_page() {
    let mut client = client();
    for number in 0..4 {
        let mut large = event(number);
        // Three bytes a character: what counts is bytes.
        large.set_extra("text", "語".repeat(7_000));
        client.capture(&EVENT, large, &[], 0, NOW);
    }
    let sent = requests(&mut client);
    let keepalive: Vec<bool> = sent.iter().map(|request| request.keepalive).collect();
    assert_eq!(keepalive, [true, true, false, false]);
    assert!(
        sent.iter().filter(|request| request.keepalive).map(|request| request.body.len()).sum::<usize>() <= 60 * 1024
    );
}

#[test]
fn when_the_page_is_hidden_the_smaller_go_first() {
    let mut client = client();
    let sized = |number: u8| {
        let mut event = event(number);
        event.set("extra", json::parse(&format!("{{\"part\":\"{}\"}}", "x".repeat(14_000))).unwrap());
        event
    };
    for number in 0..4 {
        client.capture(&EVENT, event(number), &[], 0, NOW);
    }
    requests(&mut client);
    for make in [&sized as &dyn Fn(u8) -> Event, &event, &sized, &event] {
        client.capture(&EVENT, make(9), &[], 0, NOW);
    }
    client.on_visibility(true, NOW);
    let lengths: Vec<_> = requests(&mut client).iter().map(|request| request.body.len() > 14_000).collect();
    assert_eq!(lengths, [false, false, true, true]);
}

#[test]
fn what_is_too_large_to_outlive_the_page_goes_out_smaller_when_the_page_does() {
    let mut client = client();
    let large = |number| {
        let mut large = event(number);
        for part in 0..10 {
            large.set_extra(format!("part {part}"), "x".repeat(7_000));
        }
        large
    };
    client.capture(&EVENT, event(0), &[], 1, NOW);
    client.capture(&EVENT, large(1), &[], 2, NOW);
    let first = requests(&mut client);
    assert_eq!(first.iter().map(|request| request.keepalive).collect::<Vec<_>>(), [true, false]);

    client.on_leave();
    client.on_visibility(true, NOW);
    let second = requests(&mut client);
    let [again] = &second[..] else { panic!("{} requests", second.len()) };
    assert!(again.keepalive && again.ticket == 2);
    assert!(again.body.contains(&EventId::from_random([1; 16]).to_hex()));
    assert!(again.body.contains("\"_meta\""), "it says what it lacks");

    // The first attempt is nobody's any more.
    client.on_response(first[1].id, &Reply::Failed, NOW);
    assert!(requests(&mut client).is_empty());
    client.on_response(again.id, &http(200), NOW);
    let settled = |action: &Action| matches!(action, Action::Settled { ticket: 2, lost: None, .. });
    assert!(actions(&mut client).iter().any(settled));
}

#[test]
fn a_flush_is_over_when_everything_is_answered() {
    let mut client = client();
    client.flush(1, 2000, NOW);
    assert_eq!(actions(&mut client), [Action::Flushed { ticket: 1, all: true }]);
    client.capture(&EVENT, event(1), &[], 0, NOW);
    let sent = requests(&mut client);
    client.flush(2, 2000, NOW);
    assert_eq!(actions(&mut client), [Action::Wake(2000)]);
    client.on_response(sent[0].id, &http(200), NOW);
    assert_eq!(actions(&mut client), [Action::Flushed { ticket: 2, all: true }]);
}

#[test]
fn a_flush_that_takes_too_long_empties_the_queue_and_counts() {
    let mut client = client();
    for number in 0..6 {
        client.capture(&EVENT, event(number), &[], 0, NOW);
    }
    let sent = requests(&mut client);
    client.flush(1, 2000, NOW);
    client.on_tick(NOW.plus(1999));
    assert!(!actions(&mut client).iter().any(|action| matches!(action, Action::Flushed { .. })));
    client.on_tick(NOW.plus(2000));
    assert_eq!(actions(&mut client), [Action::Flushed { ticket: 1, all: false }]);
    for request in sent {
        client.on_response(request.id, &http(200), NOW);
    }
    client.capture(&EVENT, event(9), &[], 0, NOW);
    assert_eq!(reported(&requests(&mut client)[0].body), [("queue_overflow".into(), "error".into(), 2)]);
}

#[test]
fn a_report_that_was_not_taken_is_told_again() {
    let mut client = client();
    client.discard("before_send", "error", 3);
    client.on_visibility(true, NOW);
    let sent = requests(&mut client);
    assert_eq!(reported(&sent[0].body), [("before_send".into(), "error".into(), 3)]);
    client.on_response(sent[0].id, &http(500), NOW);
    client.on_visibility(true, NOW);
    assert_eq!(reported(&requests(&mut client)[0].body), [("before_send".into(), "error".into(), 3)]);
}

#[test]
fn a_client_is_idle_when_nothing_waits_is_under_way_or_is_to_be_told() {
    let mut client = client();
    assert!(client.is_idle());
    client.capture(&EVENT, event(1), &[], 0, NOW);
    assert!(!client.is_idle(), "it waits");
    let sent = requests(&mut client);
    assert!(!client.is_idle(), "it is under way");
    client.on_response(sent[0].id, &http(500), NOW);
    assert!(!client.is_idle(), "it is to be told that it is lost");
    client.flush(1, 100, NOW);
    let sent = requests(&mut client);
    client.on_response(sent[0].id, &http(200), NOW);
    assert!(client.is_idle());
    client.on_visibility(true, NOW);
    assert!(!client.is_idle(), "another would not know that the page is hidden");
}

/// What may happen to a client.
#[derive(Clone, Debug)]
enum Step {
    Capture,
    Answer(usize, u16),
    Fail(usize),
    Offline(usize),
    Limit(usize),
    Wait(u64),
    Flush(u32),
    Hide(bool),
    Leave,
    /// Its instance is replaced, if it has nothing any more.
    Replace,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Capture),
        3 => (any::<usize>(), prop_oneof![Just(200), Just(400), Just(413), Just(429), Just(500)])
            .prop_map(|(at, status)| Step::Answer(at, status)),
        2 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Offline),
        1 => any::<usize>().prop_map(Step::Limit),
        2 => (0..120_000_u64).prop_map(Step::Wait),
        1 => (0..5000_u32).prop_map(Step::Flush),
        1 => any::<bool>().prop_map(Step::Hide),
        1 => Just(Step::Leave),
        1 => Just(Step::Replace),
    ]
}

proptest! {
    /// Captured = delivered + counted + answered 429 (the server counts these).
    #[test]
    fn nothing_is_lost_uncounted(steps in prop::collection::vec(step(), 0..300)) {
        let mut client = client();
        let (mut now, mut under_way) = (NOW, Vec::<Outgoing>::new());
        let (mut captured, mut delivered, mut limited, mut counted) = (0_u64, 0, 0, 0);
        let mut flushes = (0, 0);
        let is_event = |request: &Outgoing| request.body.contains("\"type\":\"event\"");
        let told = |request: &Outgoing| reported(&request.body).iter().map(|(_, _, n)| n).sum::<u64>();
        let mut answer = |client: &mut Client, request: &Outgoing, reply: &Reply<'_>, now| {
            if let Reply::Http { status, .. } = reply {
                if *status == 200 {
                    delivered += u64::from(is_event(request));
                    counted += told(request);
                } else if *status == 429 {
                    limited += u64::from(is_event(request));
                }
            }
            client.on_response(request.id, reply, now);
        };
        for step in steps {
            let mut take = |at: usize| (!under_way.is_empty()).then(|| under_way.swap_remove(at % under_way.len()));
            match step {
                Step::Capture => {
                    captured += 1;
                    client.capture(&EVENT, event(1), &[], 0, now);
                }
                Step::Answer(at, status) => {
                    if let Some(request) = take(at) {
                        answer(&mut client, &request, &http(status), now);
                    }
                }
                Step::Limit(at) => {
                    if let Some(request) = take(at) {
                        let reply = Reply::Http { status: 200, limits: "30:error:key", retry_after: "" };
                        answer(&mut client, &request, &reply, now);
                    }
                }
                Step::Fail(at) => {
                    if let Some(request) = take(at) {
                        answer(&mut client, &request, &Reply::Failed, now);
                    }
                }
                Step::Offline(at) => {
                    if let Some(request) = take(at) {
                        answer(&mut client, &request, &Reply::Offline, now);
                    }
                }
                Step::Wait(milliseconds) => {
                    now = now.plus(milliseconds);
                    client.on_tick(now);
                }
                Step::Flush(timeout) => {
                    flushes.0 += 1;
                    client.flush(flushes.0, timeout, now);
                }
                Step::Hide(hidden) => client.on_visibility(hidden, now),
                Step::Leave => {
                    // What is sent again counts where it is sent again.
                    for request in under_way.iter_mut().filter(|request| !request.keepalive) {
                        request.body = request.body.replace("\"type\":\"event\"", "\"type\":\"recalled\"");
                    }
                    client.on_leave();
                    client.on_visibility(true, now);
                }
                Step::Replace if client.is_idle() => client = self::client(),
                Step::Replace => {}
            }
            for action in actions(&mut client) {
                match action {
                    Action::Send(request) => under_way.push(request),
                    Action::Flushed { .. } => flushes.1 += 1,
                    _ => {}
                }
            }
            prop_assert!(under_way.len() <= 10, "{} under way", under_way.len());
        }
        // In the end the server is well, no limit is left, and everything is told.
        client.on_visibility(false, now);
        for round in 0..500 {
            now = now.plus(200_000);
            client.flush(1_000 + round, 1_000_000, now);
            for action in actions(&mut client) {
                match action {
                    Action::Send(request) => under_way.push(request),
                    Action::Flushed { ticket, .. } if ticket < 1_000 => flushes.1 += 1,
                    _ => {}
                }
            }
            for request in std::mem::take(&mut under_way) {
                answer(&mut client, &request, &http(200), now);
            }
        }
        prop_assert_eq!(captured, delivered + limited + counted);
        prop_assert_eq!(flushes.0, flushes.1, "every flush ends");
    }
}
