"""Asks Relay's own normalisation what it thinks of an event: what it marks as wrong, and what it changes unasked.

One JSON object a line on stdin, {"id", "event"}; one a line on stdout, {"id", "problems": [text], "event": normalised}.
A problem is an error or remark in `_meta`, an entry in `errors`, or a field that we sent and that comes back different.
What Relay adds is no problem. The few changes of form that it makes to every event are undone before comparing, each
below with its reason.

Events are also held against the JSON schema with which a strict Bugsink decides what it stores.
"""

import json
import math
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import jsonschema.exceptions
from bugsink import event_schema
from sentry_relay.processing import StoreNormalizer

# As strict as Relay can be told to be: unknown fields are objected to, long ones shortened, odd dates refused.
NORMALIZER = StoreNormalizer(
    project_id=1,
    remove_other=True,
    normalize_user_agent=True,
    enable_trimming=True,
    max_secs_in_future=60,
    max_secs_in_past=30 * 24 * 3600,
)

SCHEMA = Path(event_schema.__file__).parent.parent / "api" / "event.schema.altered.json"

MISSING = object()


def remarks(meta, path=()):
    """Everything that `_meta` says: errors, and remarks about shortened or removed values."""
    if not isinstance(meta, dict):
        return
    here = meta.get("")
    if isinstance(here, dict):
        for kind in ("err", "rem"):
            if here.get(kind):
                yield f"{dotted(path)}: _meta {kind} {json.dumps(here[kind])}, value {json.dumps(here.get('val'))}"
    for key, value in meta.items():
        if key != "":
            yield from remarks(value, path + (key,))


def dotted(path):
    return ".".join(str(part) for part in path) or "(event)"


def seconds(value):
    """A timestamp in either of the two forms the protocol allows; Relay always answers with the first."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    try:
        return datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def listed(value):
    """`{"values": [...]}` and the bare list are the same thing in the protocol."""
    if isinstance(value, dict) and isinstance(value.get("values"), list):
        return value["values"]
    return value


def paired(value):
    """Relay writes string maps (tags, headers) as lists of pairs."""
    if isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return {key: item for key, item in value}
    return value


def compare_timestamp(sent, got, path):
    before, after = seconds(sent), seconds(got)
    if before is None or after is None or abs(before - after) > 0.0005:
        yield f"{dotted(path)}: sent {sent!r}, came back as {got!r}"


def compare_breadcrumbs(sent, got, path):
    yield from compare_list(listed(sent), listed(got), path, compare_timed)


def compare_timed(sent, got, path):
    yield from compare(sent, got, path, {"timestamp": compare_timestamp})


def compare_exceptions(sent, got, path):
    yield from compare_list(listed(sent), listed(got), path, compare_exception)


def compare_exception(sent, got, path):
    yield from compare(sent, got, path, {"stacktrace": compare_stacktrace})


def compare_stacktrace(sent, got, path):
    def frames(sent, got, path):
        yield from compare_list(sent, got, path, compare_frame)

    yield from compare(sent, got, path, {"frames": frames})


def compare_frame(sent, got, path):
    """A frame without abs_path has its filename's URL moved there, and keeps the URL's path as its filename."""
    if isinstance(sent, dict) and isinstance(got, dict) and "abs_path" not in sent and "abs_path" in got:
        got = {**got, "filename": got["abs_path"]}
        got.pop("abs_path")
    yield from compare(sent, got, path)


def compare_pairs(sent, got, path):
    yield from compare(paired(sent), paired(got), path)


def compare_request(sent, got, path):
    """Relay takes the URL apart: the query goes to query_string, the fragment to fragment."""

    def url(sent_url, got_url, path):
        whole, rest = urlsplit(str(sent_url)), urlsplit(str(got_url))
        query = [list(pair) for pair in parse_qsl(whole.query, keep_blank_values=True)]
        if (
            (whole.scheme, whole.netloc, whole.path) != (rest.scheme, rest.netloc, rest.path)
            or ("query_string" not in sent and query != (got.get("query_string") or []))
            or ("fragment" not in sent and (whole.fragment or None) != got.get("fragment"))
        ):
            yield f"{dotted(path)}: sent {sent_url!r}, came back as {got_url!r}"

    yield from compare(sent, got, path, {"url": url, "headers": compare_pairs})


def compare_list(sent, got, path, each):
    if not isinstance(sent, list) or not isinstance(got, list) or len(sent) != len(got):
        yield f"{dotted(path)}: sent {json.dumps(sent)[:200]}, came back as {json.dumps(got)[:200]}"
        return
    for index, (before, after) in enumerate(zip(sent, got)):
        yield from each(before, after, path + (index,))


def compare(sent, got, path=(), special=None):
    """What of `sent` is not in `got` as it was."""
    if isinstance(sent, dict) and isinstance(got, dict):
        for key, value in sent.items():
            there = path + (key,)
            if key not in got:
                yield f"{dotted(there)}: sent {json.dumps(value)[:200]}, came back without it"
            elif special and key in special:
                yield from special[key](value, got[key], there)
            else:
                yield from compare(value, got[key], there)
        return
    if isinstance(sent, list) and isinstance(got, list):
        yield from compare_list(sent, got, path, compare)
        return
    same = type(sent) is type(got) and sent == got
    if numeric(sent) and numeric(got):
        same = math.isclose(sent, got, rel_tol=1e-12)
    if not same:
        yield f"{dotted(path)}: sent {json.dumps(sent)[:200]}, came back as {json.dumps(got)[:200]}"


def numeric(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


EVENT = {
    "timestamp": compare_timestamp,
    "breadcrumbs": compare_breadcrumbs,
    "exception": compare_exceptions,
    "tags": compare_pairs,
    "request": compare_request,
}


def changed(event, normal):
    sent = dict(event)
    # `message` is the short form of `logentry.formatted`, which is what Relay keeps.
    message = sent.pop("message", MISSING)
    if message is not MISSING:
        kept = (normal.get("logentry") or {}).get("formatted")
        if kept != message:
            yield f"message: sent {message!r}, came back as {kept!r}"
    # The server's name is kept as a tag.
    server = sent.pop("server_name", MISSING)
    if server is not MISSING and paired(normal.get("tags") or []).get("server_name") != server:
        yield f"server_name: sent {server!r}, came back without it"
    yield from compare(sent, normal, (), EVENT)


def against_schema(event):
    """What a strict Bugsink would say. Feedback is none of its business: the schema is of events.

    `sdk.settings` is newer than the schema. It keeps servers from deriving addresses, so it is sent by default; the
    option `inferIp: 'unsaid'`, with which the Bugsink suite runs, leaves it out.
    """
    if isinstance(event.get("sdk"), dict):
        event = {**event, "sdk": {key: value for key, value in event["sdk"].items() if key != "settings"}}
    if "feedback" in (event.get("contexts") or {}):
        return
    try:
        event_schema.validate(event)
    except ValueError:
        # The compiled schema says no and little more; the slow way says why.
        with open(SCHEMA, encoding="utf-8") as file:
            try:
                jsonschema.validate(event, json.load(file))
            except jsonschema.ValidationError as error:
                best = jsonschema.exceptions.best_match([error])
                yield f"{best.json_path[2:] or '(event)'}: not in the schema: {best.message[:300]}"
                return
        yield "(event): not in the schema"


def check(event):
    normal = NORMALIZER.normalize_event(raw_event=json.dumps(event))
    problems = list(remarks(normal.get("_meta", {})))
    problems += [f"errors: {json.dumps(error)}" for error in normal.get("errors", [])]
    problems += list(changed(event, normal))
    problems += list(against_schema(event))
    return {"problems": problems, "event": normal}


def main():
    for line in sys.stdin:
        if not line.strip():
            continue
        asked = json.loads(line)
        try:
            answer = check(asked["event"])
        except Exception as error:  # a refusal of the whole event is an answer too
            answer = {"problems": [f"refused: {error}"], "event": None}
        print(json.dumps({"id": asked["id"], **answer}), flush=True)


if __name__ == "__main__":
    main()
