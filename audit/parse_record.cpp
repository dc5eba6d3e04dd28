#include "audit/canonical.h"
#include "audit/record_fields.h"

#include <nlohmann/json.hpp>

#include <ctime>
#include <limits>
#include <optional>

namespace menshen::audit {
namespace {

using Json = nlohmann::json;

std::optional<std::int64_t> parse_rfc3339(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || *end != '.' || text.c_str() + text.size() != end + 11 || end[10] != 'Z') {
    return std::nullopt;
  }
  std::int64_t nanoseconds = 0;
  for (int i = 1; i <= 9; ++i) {
    if (end[i] < '0' || end[i] > '9') return std::nullopt;
    nanoseconds = nanoseconds * 10 + (end[i] - '0');
  }
  constexpr std::int64_t second = 1'000'000'000;
  const std::int64_t seconds = timegm(&parts);
  if (seconds < 0 || seconds >= std::numeric_limits<std::int64_t>::max() / second)
    return std::nullopt;
  return seconds * second + nanoseconds;
}

std::optional<RecordType> parse_type(const std::string& name) {
  for (const RecordType type : {RecordType::intent, RecordType::outcome, RecordType::start,
                                RecordType::stop, RecordType::policy}) {
    if (to_string(type) == name) return type;
  }
  return std::nullopt;
}

// Fields and names are in the same order, so one walk over the object finds all.
class Reader {
 public:
  Reader(const Json& object, ParsedRecord& out)
      : next_(object.begin()), end_(object.end()), out_(out) {}
  [[nodiscard]] bool ok() const { return ok_; }

  template <class Field>
  void operator()(const char* name, Field& field) {
    if constexpr (std::is_same_v<std::remove_cv_t<Field>, OwnField>) {
      own(name, field);
    } else if (const Json* value = find(name)) {
      read(*value, field);
    }
  }
  void operator()(const char* name, OwnField&& field) { own(name, field); }

 private:
  void expect(bool condition) { ok_ = ok_ && condition; }

  const Json* find(std::string_view name) {
    while (next_ != end_ && next_.key() < name) ++next_;
    return next_ != end_ && next_.key() == name ? &*next_ : nullptr;
  }

  void read(const Json& value, std::string& out) {
    expect(value.is_string());
    if (ok_) out = value.get_ref<const std::string&>();
  }
  void read(const Json& value, bool& out) {
    expect(value.is_boolean());
    if (ok_) out = value.get<bool>();
  }
  template <class Integer>
    requires std::is_integral_v<Integer>
  void read(const Json& value, Integer& out) {
    expect(value.is_number_integer());
    if (!ok_) return;
    const auto number = value.get<std::int64_t>();
    expect(std::in_range<Integer>(number));
    if (ok_) out = static_cast<Integer>(number);
  }
  void read(const Json& value, std::vector<std::string>& out) {
    expect(value.is_array());
    if (!ok_) return;
    for (const Json& item : value) read(item, out.emplace_back());
  }
  void read(const Json& value, std::map<std::string, std::uint32_t>& out) {
    expect(value.is_object());
    if (!ok_) return;
    for (const auto& [key, count] : value.items()) read(count, out[key]);
  }
  void read(const Json& value, std::vector<FiredRule>& out) {
    expect(value.is_array());
    if (!ok_) return;
    for (const Json& item : value) {
      expect(item.is_object() && item.contains("rule") && item.contains("action") &&
             item.contains("count"));
      if (!ok_) return;
      FiredRule& rule = out.emplace_back();
      read(item["rule"], rule.rule);
      read(item["action"], rule.action);
      read(item["count"], rule.count);
      rule.enforced = !item.contains("shadow");
    }
  }
  void read(const Json& value, core::Scores& out) {
    expect(value.is_object());
    if (!ok_) return;
    for (const auto& [key, score] : value.items()) {
      const auto kind = core::score_from(key);
      std::int32_t units = 0;
      read(score, units);
      expect(kind.has_value());
      if (!ok_) return;
      out.set(*kind, units < 0 ? std::numeric_limits<float>::quiet_NaN()
                               : static_cast<float>(units) / 10'000.0F);
    }
  }

  void own(const char* name, OwnField field) {
    const Json* value = find(name);
    if (field == OwnField::truncated) return;
    expect(value != nullptr);
    if (!ok_) return;
    std::string text;
    std::uint32_t version = 0;
    switch (field) {
      case OwnField::seq: return read(*value, out_.seq);
      case OwnField::version: read(*value, version); return expect(version == 1);
      case OwnField::time: {
        read(*value, text);
        const auto wall_ns = parse_rfc3339(text);
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

  Json::const_iterator next_;
  const Json::const_iterator end_;
  ParsedRecord& out_;
  bool ok_ = true;
};

}  // namespace

core::Result<ParsedRecord> parse_record(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  ParsedRecord out;
  bool ok = json.is_object();
  if (ok) {
    Reader reader(json, out);
    visit_fields(out.record, reader);
    ok = reader.ok();
  }
  if (!ok) {
    return core::gateway_error(
        core::ErrorKind::internal, "malformed_record",
        "A record of the audit log is not of the form that this version reads.");
  }
  return out;
}

}  // namespace menshen::audit
