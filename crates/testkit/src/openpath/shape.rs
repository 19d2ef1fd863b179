//! The vendor's documented request shapes, and the check of a request against them.
//!
//! Beyond the specification, and guessed from servers of its kind: a field that is not named is
//! refused, and so is empty text.

use elevate_transport::header;
use serde_json::{Map, Value};

use super::Operation;
use super::dates::Moment;
use super::refusal::{Refusal, Source};
use crate::Received;

/// One field of a request.
struct Field {
    name: &'static str,
    required: bool,
    nullable: bool,
    kind: Kind,
}

/// What a field may hold.
enum Kind {
    /// Text of so many characters: UTF-16 units, as a server of this kind counts.
    Text {
        least: usize,
        most: usize,
    },
    /// A name of 1 to 100 characters once it is trimmed.
    Name,
    /// Text that a test of its characters accepts.
    Pattern(fn(&str) -> bool),
    Email,
    Date,
    Flag,
    Number,
    Integer {
        least: u64,
        most: u64,
    },
    Object(&'static [Field]),
    AnyObject,
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: false, kind }
}

const fn nullable(name: &'static str, kind: Kind) -> Field {
    Field { name, required: false, nullable: true, kind }
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, required: true, nullable: false, kind }
}

const TEXT: Kind = Kind::Text { least: 1, most: usize::MAX };
const ID: Kind = Kind::Integer { least: 0, most: u64::MAX };
const LIMIT: Field = may("limit", Kind::Integer { least: 1, most: 1000 });
const OFFSET: Field = may("offset", Kind::Integer { least: 0, most: u64::MAX });
const SORT: Field = may("sort", Kind::Pattern(is_sort));
const ORDER: Field = may("order", Kind::Pattern(is_order));

const LIST: &[Field] =
    &[LIMIT, OFFSET, SORT, ORDER, may("q", TEXT), may("filter", TEXT), may("preFilter", TEXT)];

const USERS: &[Field] = &[
    LIMIT,
    OFFSET,
    SORT,
    ORDER,
    may("q", TEXT),
    may("filter", TEXT),
    may("preFilter", TEXT),
    may("cursor", Kind::Pattern(is_cursor)),
    may("ccursor", Kind::Pattern(is_cursor)),
    may("withBuildings", Kind::Flag),
    may("isAttachedToAtLeastOneIntercom", Kind::Flag),
    may("options", Kind::Text { least: 0, most: usize::MAX }),
];

const USER: &[Field] = &[may("options", Kind::Text { least: 0, most: usize::MAX })];

const ENTRIES: &[Field] = &[
    LIMIT,
    OFFSET,
    SORT,
    ORDER,
    may("q", TEXT),
    may("filter", TEXT),
    may("preFilter", TEXT),
    may("options", Kind::Pattern(is_entry_options)),
];

const ENTRY: &[Field] = &[may("options", Kind::Text { least: 0, most: usize::MAX })];

const ACTIVITY: &[Field] = &[
    may("limit", Kind::Integer { least: 1, most: 10_000 }),
    OFFSET,
    SORT,
    ORDER,
    may("filter", TEXT),
    may("options", Kind::Pattern(is_activity_options)),
];

const LOGIN: &[Field] = &[
    must("email", Kind::Email),
    must("password", TEXT),
    may("namespaceId", ID),
    may("namespaceNickname", Kind::Text { least: 1, most: 255 }),
    may("mfa", Kind::Object(&[may("totpCode", TEXT)])),
    may("forMobileLogin", Kind::Flag),
];

const CREDENTIAL: &[Field] = &[
    must("credentialTypeId", ID),
    nullable("startDate", Kind::Date),
    nullable("endDate", Kind::Date),
    may("allowReassign", Kind::Flag),
    may(
        "cloudKey",
        Kind::Object(&[
            may("name", Kind::Name),
            nullable("maxDurationSeconds", Kind::Integer { least: 1, most: u64::MAX }),
        ]),
    ),
    nullable("eventAction", Kind::AnyObject),
    may("mobile", Kind::AnyObject),
    may("card", Kind::AnyObject),
    may("pincode", Kind::AnyObject),
    may("cardMifareCsn", Kind::AnyObject),
    may("cardOpenpathDesfireEv1", Kind::AnyObject),
    may("fobAllegion", Kind::AnyObject),
    may("badgeConfigId", ID),
    may("licensePlate", Kind::AnyObject),
    may("wallet", Kind::AnyObject),
];

const UNLOCK: &[Field] =
    &[must("entryId", Kind::Number), nullable("description", Kind::Text { least: 1, most: 100 })];

/// What the check of a request left: its query and its body, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Input(pub(super) Map<String, Value>);

impl Input {
    pub(super) fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.get(name).as_u64().and_then(|n| usize::try_from(n).ok())
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or(false)
    }
}

/// Checks query and body against what the vendor documents for the operation.
pub(super) fn check(operation: Operation, request: &Received) -> Result<Input, Refusal> {
    let (query, payload): (&[Field], Option<&[Field]>) = match operation {
        Operation::ListUsers => (USERS, None),
        Operation::ListUsersPost => (&[], Some(USERS)),
        Operation::DescribeUser => (USER, None),
        Operation::ListCredentials
        | Operation::ListOrgCredentials
        | Operation::ListCredentialTypes
        | Operation::ListEntryStates
        | Operation::ListLockdownPlans => (LIST, None),
        Operation::ListEntries => (ENTRIES, None),
        Operation::DescribeEntry => (ENTRY, None),
        Operation::GetUserActivity => (ACTIVITY, None),
        Operation::Login => (&[], Some(LOGIN)),
        Operation::CreateCredential => (&[], Some(CREDENTIAL)),
        Operation::CloudKeyEntryUnlock => (&[], Some(UNLOCK)),
        Operation::ListUserEntries
        | Operation::DescribeCredential
        | Operation::GetEffectivePermissionsForOrg
        | Operation::ListOrgFeatures => (&[], None),
        // Never ours to call: recorded and answered, not judged.
        _ => return Ok(Input(read_json(request).unwrap_or_default())),
    };
    let mut values = read_query(request, query)?;
    if let Some(fields) = payload {
        values = read_payload(request)?;
        check_fields(&mut values, fields, "")?;
    }
    Ok(Input(values))
}

fn read_query(request: &Received, fields: &[Field]) -> Result<Map<String, Value>, Refusal> {
    let mut values = Map::new();
    for (name, text) in &request.query {
        let refuse = |fault: &str| Refusal::shape(Source::Query, name, fault);
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(refuse("is not allowed"));
        };
        let mut value = match field.kind {
            Kind::Integer { .. } => {
                Value::from(text.parse::<u64>().map_err(|_| refuse("must be a number"))?)
            }
            Kind::Flag => {
                Value::from(text.parse::<bool>().map_err(|_| refuse("must be a boolean"))?)
            }
            _ => Value::from(text.as_str()),
        };
        check_value(&mut value, field, name).map_err(|fault| refuse(&fault.text))?;
        if values.insert(name.clone(), value).is_some() {
            return Err(refuse("must be one value"));
        }
    }
    Ok(values)
}

fn read_payload(request: &Received) -> Result<Map<String, Value>, Refusal> {
    let declared = request.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let essence = declared.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::media_type());
    }
    read_json(request)
}

fn read_json(request: &Received) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Refusal::shape(Source::Payload, "value", "must be of type object")),
        Err(_) => Err(Refusal::bad_json()),
    }
}

/// What is wrong with a value, and where.
struct Fault {
    path: String,
    text: String,
}

fn check_fields(
    values: &mut Map<String, Value>,
    fields: &[Field],
    above: &str,
) -> Result<(), Refusal> {
    check_object(values, fields, above)
        .map_err(|fault| Refusal::shape(Source::Payload, &fault.path, &fault.text))
}

fn check_object(
    values: &mut Map<String, Value>,
    fields: &[Field],
    above: &str,
) -> Result<(), Fault> {
    let path_of = |name: &str| format!("{above}{name}");
    for field in fields {
        match values.get_mut(field.name) {
            Some(value) => check_value(value, field, &path_of(field.name))?,
            None if field.required => {
                return Err(Fault { path: path_of(field.name), text: "is required".into() });
            }
            None => {}
        }
    }
    match values.keys().find(|name| fields.iter().all(|field| field.name != *name)) {
        Some(name) => Err(Fault { path: path_of(name), text: "is not allowed".into() }),
        None => Ok(()),
    }
}

fn check_value(value: &mut Value, field: &Field, path: &str) -> Result<(), Fault> {
    if value.is_null() && field.nullable {
        return Ok(());
    }
    let fault = |text: String| Err(Fault { path: path.to_owned(), text });
    let expected = |what: &str| fault(format!("must be {what}"));
    match (&field.kind, value) {
        (kind @ (Kind::Text { .. } | Kind::Name), Value::String(text)) => {
            let (least, most) = match kind {
                Kind::Text { least, most } => (*least, *most),
                _ => (1, 100),
            };
            if matches!(kind, Kind::Name) {
                *text = text.trim().to_owned();
            }
            let length = text.encode_utf16().count();
            if length < least {
                return fault("is not allowed to be empty".into());
            }
            if length > most {
                return fault(format!(
                    "length must be less than or equal to {most} characters long"
                ));
            }
        }
        (Kind::Pattern(accepts), Value::String(text)) if !accepts(text) => {
            return fault("fails to match the required pattern".into());
        }
        (Kind::Email, Value::String(text)) => {
            *text = text.trim().to_owned();
            let parts: Vec<&str> = text.split('@').collect();
            if parts.len() != 2 || parts.iter().any(|part| part.is_empty()) {
                return expected("a valid email");
            }
        }
        (Kind::Date, Value::String(text)) if Moment::read(text).is_none() => {
            return expected("a valid date");
        }
        (Kind::Integer { least, most }, Value::Number(number)) => match number.as_u64() {
            None => return expected("an integer"),
            Some(n) if n < *least => return expected(&format!("greater than or equal to {least}")),
            Some(n) if n > *most => return expected(&format!("less than or equal to {most}")),
            Some(_) => {}
        },
        (Kind::Object(fields), Value::Object(values)) => {
            return check_object(values, fields, &format!("{path}."));
        }
        (Kind::Pattern(_) | Kind::Date, Value::String(_))
        | (Kind::Flag, Value::Bool(_))
        | (Kind::Number, Value::Number(_))
        | (Kind::AnyObject, Value::Object(_)) => {}
        (Kind::Text { .. } | Kind::Name | Kind::Pattern(_) | Kind::Email | Kind::Date, _) => {
            return expected("a string");
        }
        (Kind::Flag, _) => return expected("a boolean"),
        (Kind::Number | Kind::Integer { .. }, _) => return expected("a number"),
        (Kind::Object(_) | Kind::AnyObject, _) => return expected("of type object"),
    }
    Ok(())
}

/// `^[a-zA-Z0-9,~_-]+$`
fn is_cursor(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ",~_-".contains(c))
}

/// `^[a-zA-Z0-9.]+(,\s*[a-zA-Z0-9.]+)*$`
fn is_sort(text: &str) -> bool {
    text.split(',').all(|name| {
        let name = name.trim_start();
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
    })
}

/// `^(asc|desc)+(,\s*(asc|desc)+)*$`, without the repetition that can only be a slip.
fn is_order(text: &str) -> bool {
    text.split(',').all(|way| matches!(way.trim_start(), "asc" | "desc"))
}

/// `^((withEffectiveLocationRestriction)(,|$))*$`
fn is_entry_options(text: &str) -> bool {
    are_options(text, |option| option == "withEffectiveLocationRestriction")
}

/// `^((useOpProton|quick|searchId:[a-zA-Z0-9_-]+)(,|$))*$`, at most 512 characters.
fn is_activity_options(text: &str) -> bool {
    let is_search = |option: &str| {
        option.strip_prefix("searchId:").is_some_and(|id| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
        })
    };
    text.len() <= 512
        && are_options(text, |option| {
            matches!(option, "useOpProton" | "quick") || is_search(option)
        })
}

/// Options with a comma after each, which may be left out after the last; none at all are fine.
fn are_options(text: &str, is_one: impl Fn(&str) -> bool) -> bool {
    let all = text.strip_suffix(',').unwrap_or(text);
    text.is_empty() || all.split(',').all(is_one)
}
