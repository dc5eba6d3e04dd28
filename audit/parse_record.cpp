#include "audit/canonical.h"
#include "audit/record_fields.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>

namespace menshen::audit {
namespace {

namespace dom = simdjson::dom;

std::optional<RecordType> parse_type(const std::string& name) {
  for (const RecordType type :
       {RecordType::intent, RecordType::outcome, RecordType::start, RecordType::stop,
        RecordType::policy, RecordType::correction, RecordType::refusals, RecordType::clock,
        RecordType::charge, RecordType::release, RecordType::scores, RecordType::key,
        RecordType::publishing, RecordType::configuration, RecordType::credential,
        RecordType::state}) {
    if (to_string(type) == name) return type;
  }
  return std::nullopt;
}

// The first bytes of a name as a number that sorts as they do.
constexpr std::uint64_t prefix_of(std::string_view name) {
  std::uint64_t out = 0;
  const std::size_t count = std::min(name.size(), sizeof out);
  for (std::size_t i = 0; i < count; ++i) out = out << 8U | static_cast<unsigned char>(name[i]);
  return count == 0 ? 0 : out << 8U * (sizeof out - count);
}

struct FieldName {
  consteval FieldName(const char* name) : text(name), prefix(prefix_of(name)) {}
  std::string_view text;
  std::uint64_t prefix;
};

// Fields and names are in the same order, so one walk over the object finds all.
class Reader {
 public:
  Reader(dom::object object, ParsedRecord& out)
      : next_(object.begin()), end_(object.end()), out_(out) {
    look();
  }
  [[nodiscard]] bool ok() const { return ok_; }

  template <class Field>
  void operator()(FieldName name, Field& field) {
    if constexpr (std::is_same_v<std::remove_cv_t<Field>, OwnField>) {
      own(name, field);
    } else if (const auto value = find(name)) {
      read(*value, field);
    } else {
      clear(field);
    }
  }
  void operator()(FieldName name, OwnField&& field) { own(name, field); }

 private:
  void expect(bool condition) { ok_ = ok_ && condition; }

  void look() {
    if (next_ == end_) return;
    key_ = next_.key();
    prefix_ = prefix_of(key_);
  }

  std::optional<dom::element> find(const FieldName& name) {
    for (; next_ != end_; ++next_, look()) {
      if (prefix_ < name.prefix) continue;
      const int order = prefix_ > name.prefix ? 1 : key_.compare(name.text);
      if (order > 0) return std::nullopt;
      if (order == 0) return next_.value();
    }
    return std::nullopt;
  }

  template <class Field>
  static void clear(Field& field) {
    if constexpr (requires { field.clear(); }) {
      field.clear();
    } else {
      field = Field{};
    }
  }

  // Gives the value as simdjson's type for it, or its default when it is of another.
  template <class T>
  T as(const dom::element& value) {
    T out{};
    expect(value.get(out) == simdjson::SUCCESS);
    return out;
  }

  void read(const dom::element& value, std::string& out) { out = as<std::string_view>(value); }
  void read(const dom::element& value, bool& out) { out = as<bool>(value); }
  template <class Integer>
    requires std::is_integral_v<Integer>
  void read(const dom::element& value, Integer& out) {
    const auto number = as<std::int64_t>(value);
    expect(std::in_range<Integer>(number));
    if (ok_) out = static_cast<Integer>(number);
  }
  void read(const dom::element& value, std::vector<std::string>& out) {
    out.clear();
    dom::array items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const dom::element item : items) read(item, out.emplace_back());
  }
  void read(const dom::element& value, std::map<std::string, std::uint32_t>& out) {
    out.clear();
    dom::object items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const auto& [key, count] : items) read(count, out[std::string(key)]);
  }
  void read(const dom::element& value, std::vector<FiredRule>& out) {
    out.clear();
    dom::array items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const dom::element item : items) read(item, out.emplace_back());
  }
  void read(const dom::element& value, FiredRule& out) {
    dom::element action;
    dom::element count;
    dom::element rule;
    dom::element found;
    expect(value["action"].get(action) == simdjson::SUCCESS);
    expect(value["rule"].get(rule) == simdjson::SUCCESS);
    if (!ok_) return;
    read(action, out.action);
    out.count = 1;
    if (value["count"].get(count) == simdjson::SUCCESS) read(count, out.count);
    read(rule, out.rule);
    if (value["found"].get(found) == simdjson::SUCCESS) read(found, out.found);
    out.enforced = value["shadow"].error() == simdjson::NO_SUCH_FIELD;
  }
  // Former versions have counts by type here.
  void read(const dom::element& value, FindingGroups& out) {
    out.clear();
    if (dom::object counts; value.get(counts) == simdjson::SUCCESS) {
      for (const auto& [type, count] : counts)
        read(count,
             out.emplace_back(FindingGroup{.type = std::string(type), .summed = true}).count);
      return;
    }
    dom::array items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const dom::element item : items) {
      FindingGroup& group = out.emplace_back();
      read(item, group);
      if (group.role.empty() && !group.summed) group.role = usual_role(out_.record, out);
    }
  }
  void read(const dom::element& value, FindingGroup& out) {
    dom::object members;
    expect(value.get(members) == simdjson::SUCCESS);
    if (!ok_) return;
    Reader reader(members, out_);
    reader("action", out.action);
    reader("confidence", out.confidence);
    reader("count", out.count);
    if (out.count == 0) out.count = 1;
    reader("role", out.role);
    reader("rules", out.rules);
    reader("summed", out.summed);
    reader.required("type", out.type);
    expect(reader.ok());
  }
  void read(const dom::element& value, std::map<std::string, float>& out) {
    out.clear();
    dom::object items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const auto& [key, score] : items) {
      std::int32_t units = 0;
      read(score, units);
      if (!ok_) return;
      out[std::string(key)] = units < 0 ? std::numeric_limits<float>::quiet_NaN()
                                        : static_cast<float>(units) / 10'000.0F;
    }
  }

  template <class Number>
    requires std::is_integral_v<Number>
  void read(const dom::element& value, std::vector<Number>& out) {
    out.clear();
    dom::array items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const dom::element item : items) read(item, out.emplace_back());
  }
  void read(const dom::element& value, std::vector<ReleasedCounts>& out) {
    out.clear();
    dom::array items;
    expect(value.get(items) == simdjson::SUCCESS);
    if (!ok_) return;
    for (const dom::element item : items) read(item, out.emplace_back());
  }
  void read(const dom::element& value, ReleasedCounts& out) {
    dom::object members;
    expect(value.get(members) == simdjson::SUCCESS);
    if (!ok_) return;
    Reader reader(members, out_);
    reader.required("group", out.group);
    reader.required("model", out.model);
    reader.required("requests", out.requests);
    reader.required("users", out.users);
    expect(reader.ok());
  }
  template <class Entry>
  void read(const dom::element& value, std::shared_ptr<const Entry>& out) {
    dom::object members;
    expect(value.get(members) == simdjson::SUCCESS);
    if (!ok_) return;
    Reader reader(members, out_);
    Entry entry;
    visit_members(entry, reader);
    expect(reader.ok());
    out = std::make_shared<const Entry>(std::move(entry));
  }

  template <class Field>
  void required(FieldName name, Field& field) {
    const auto value = find(name);
    expect(value.has_value());
    if (ok_) read(*value, field);
  }

  void own(FieldName name, OwnField field) {
    const auto value = find(name);
    if (field == OwnField::truncated) return;
    expect(value.has_value());
    if (!ok_) return;
    std::string text;
    std::uint32_t version = 0;
    switch (field) {
      case OwnField::seq: return read(*value, out_.seq);
      case OwnField::version: read(*value, version); return expect(version == 1);
      case OwnField::time: {
        read(*value, text);
        const auto wall_ns = parse_record_time(text);
        expect(wall_ns.has_value());
        out_.record.wall_ns = wall_ns.value_or(0);
        return;
      }
      case OwnField::type: {
        read(*value, text);
        const auto type = parse_type(text);
        expect(type.has_value());
        out_.record.type = type.value_or(RecordType::outcome);
        return;
      }
      case OwnField::truncated: return;
    }
  }

  dom::object::iterator next_;
  const dom::object::iterator end_;
  std::string_view key_;  // of next_
  std::uint64_t prefix_ = 0;
  ParsedRecord& out_;
  bool ok_ = true;
};

void say_what_goes_without_saying(Record& r) {
  r.left_out.reset();
  if (r.forwarded_commitment.empty() && may_forward_what_came(r))
    r.forwarded_commitment = r.request_commitment;
  if (r.released_commitment.empty() && may_release_what_came(r))
    r.released_commitment = r.response_commitment;
  if (r.upstream_model.empty() && may_keep_the_model(r)) r.upstream_model = r.model;
  if (r.upstream_status == 0 && may_pass_the_status(r)) r.upstream_status = r.status;
}

}  // namespace

std::optional<std::int64_t> parse_record_time(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd.dddddddddZ";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !digit : text[i] != form[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t count) {
    int out = 0;
    std::from_chars(text.data() + at, text.data() + at + count, out);
    return out;
  };
  namespace chrono = std::chrono;
  const chrono::year_month_day day{chrono::year(number(0, 4)),
                                   chrono::month(static_cast<unsigned>(number(5, 2))),
                                   chrono::day(static_cast<unsigned>(number(8, 2)))};
  // What 64 bits of nanoseconds hold.
  if (!day.ok() || day.year() < chrono::year(1970) || day.year() > chrono::year(2261))
    return std::nullopt;
  const auto since = chrono::sys_days(day).time_since_epoch() + chrono::hours(number(11, 2)) +
                     chrono::minutes(number(14, 2)) + chrono::seconds(number(17, 2));
  return chrono::nanoseconds(since).count() + number(20, 9);
}

core::Result<ParsedRecord> parse_record(std::string_view body) {
  ParsedRecord out;
  if (const auto parsed = parse_record(body, out); !parsed) return parsed.error();
  return out;
}

core::Result<void> parse_record(std::string_view body, ParsedRecord& into) {
  thread_local dom::parser parser;
  dom::object object;
  bool ok = parser.parse(body.data(), body.size()).get(object) == simdjson::SUCCESS;
  if (ok) {
    Reader reader(object, into);
    visit_fields(into.record, reader);
    ok = reader.ok();
    if (ok) say_what_goes_without_saying(into.record);
  }
  if (ok) return {};
  return core::gateway_error(
      core::ErrorKind::internal, "malformed_record",
      "A record of the audit log is not of the form that this version reads.");
}

}  // namespace menshen::audit
