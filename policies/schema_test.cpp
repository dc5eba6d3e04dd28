// policy.schema.json and the reader say the same.
#include "core/schema_check.h"
#include "detectors/recognizers/validators.h"
#include "policies/keys.h"
#include "policies/testing.h"
#include "policies/vocabulary.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace menshen::policies {
namespace {

using core::testing::SchemaCheck;
using Json = nlohmann::json;

bool accepts(const std::string& text) { return testing::parse(text).set != nullptr; }

void compare_lists(SchemaCheck& check) {
  check.keys("", keys::root);
  check.keys("/properties/metadata", keys::metadata);
  check.keys("/properties/defaults", keys::defaults);
  check.keys("/properties/grounding", keys::grounding);
  check.keys("/$defs/ignored", keys::ignore);
  check.keys("/$defs/sources", keys::sources);
  check.keys("/$defs/mark", keys::mark);
  check.choices("/$defs/mark/properties/roles/items", keys::mark_roles);
  check.keys("/$defs/recognizer", keys::recognizer);
  check.keys("/$defs/recognizerContext", keys::recognizer_context);
  check.keys("/$defs/recognizer/properties/examples", keys::examples);
  check.choices("/$defs/recognizer/properties/category", names_of(keys::found_categories));
  check.choices("/$defs/recognizer/properties/validator", detectors::validator_names());
  check.keys("/$defs/accessRule", keys::access_rule);
  check.keys("/$defs/contentRule", keys::content_rule);
  check.keys("/$defs/who", keys::who);
  check.keys("/$defs/what", keys::what);
  check.keys("/$defs/when", keys::when);
  check.keys("/$defs/exception", keys::exception);
  check.keys("/$defs/find", keys::find);
  check.keys("/$defs/threshold", keys::threshold);
  check.keys("/$defs/then", keys::then);
  check.keys("/$defs/redactStyle", keys::redact_style);
  check.keys("/$defs/redactStyle/properties/mask", keys::mask);
  check.keys("/$defs/test", keys::test);
  check.keys("/$defs/test/properties/given", keys::given);
  check.keys("/$defs/test/properties/expect", keys::expect);
  check.choices("/properties/apiVersion", keys::api_versions);
  check.choices("/properties/kind", keys::kinds);
  check.choices("/properties/defaults/properties/access", keys::default_access);
  check.choices("/properties/defaults/properties/on_error", keys::on_error);
  check.choices("/properties/defaults/properties/opaque_content", keys::opaque_content);
  check.choices("/properties/defaults/properties/scores", keys::scores);
  check.choices("/properties/defaults/properties/body_logging", keys::body_logging);
  check.choices("/$defs/effect", keys::effects);
  check.choices("/$defs/direction", keys::directions);
  check.choices("/$defs/contentRule/properties/mode", keys::modes);
  check.choices("/$defs/when/properties/days/items", keys::days);
  check.choices("/$defs/kind", names_of(all_kinds));
  check.choices("/$defs/operation", names_of(all_operations));
  check.choices("/$defs/find/properties/categories/items", names_of(keys::found_categories));
  check.choices("/$defs/opaqueKind", names_of(core::all_opaque_kinds));
  check.choices("/$defs/opaqueAction", keys::opaque_content);
  check.choices("/$defs/then/properties/action", names_of(all_actions));
  check.choices("/$defs/redactAs", names_of(all_redactions));
  check.choices("/$defs/findingClass", core::finding_class_names);
  std::vector<std::string_view> classes(core::finding_class_groups.begin(),
                                        core::finding_class_groups.end());
  classes.insert(classes.end(), core::finding_class_names.begin(), core::finding_class_names.end());
  check.choices("/$defs/findingClassOrGroup", classes);
}

// `given.opaque` and `expect.opaque` need each other, `seen` needs what can come back, an entry of
// `ignore` the rule that it names, and a recognizer something that it is found by.
const std::set<std::string> needed{"/access",
                                   "/content",
                                   "/tests/0/given/opaque",
                                   "/tests/0/expect/opaque",
                                   "/content/4/direction",
                                   "/recognizers/0/pattern",
                                   "/recognizers/1/patterns",
                                   "/recognizers/2/words",
                                   "/recognizers/0/context/confidence",
                                   "/recognizers/1/context/required"};

Json full_grounding() {
  return {{"sources",
           {{"usual_marks", true},
            {"marks",
             {{{"tag", "context"}},
              {{"label", "Notes"}, {"roles", {"user"}}},
              {{"begin", "((("}, {"end", ")))"}, {"roles", {"system"}}}}},
            {"questions", {"Task"}}}}};
}

// The second's context and the third's words stand in for each other's keys.
Json full_recognizers() {
  return {{{"name", "member_no"},
           {"category", "pii"},
           {"description", "d"},
           {"pattern", "M\\d{6}"},
           {"context", {{"words", {"w"}}, {"confidence", 0.9}}},
           {"validator", "luhn"},
           {"confidence", 0.5},
           {"examples", {{"match", {"M123455"}}, {"no_match", {"M123456"}}}}},
          {{"name", "badge"},
           {"category", "pii"},
           {"patterns", {"B\\d{4}"}},
           {"context", {{"words", {"w"}}, {"required", true}}}},
          {{"name", "project_name"}, {"category", "secret"}, {"words", {"Falcon"}}}};
}

Json full_ignore() {
  return {{{"values", {"x"}},
           {"domains", {"example.com"}},
           {"networks", {"10.0.0.0/8"}},
           {"patterns", {"y+"}},
           {"types", {"email"}},
           {"rules", {"c"}}}};
}

Json full_content(const Json& who, const Json& what, const Json& when) {
  return {{{"id", "c"},
           {"direction", "request"},
           {"who", who},
           {"what", what},
           {"when", when},
           {"except", {{{"who", {{"users", {"v"}}}}}, {{"what", {{"models", {"n"}}}}}}},
           {"find",
            {{"types", {"email"}},
             {"categories", {"pii"}},
             {"classes", {"hipaa_f"}},
             {"confidence_min", 0.5}}},
           {"then", {{"action", "redact"}, {"as", "mask"}, {"reason", "r"}}},
           {"mode", "enforce"}},
          {{"id", "k"},
           {"find", {{"types", {"email"}}}},
           {"then", {{"action", "redact"}, {"as", {{"mask", {{"head", 3}, {"tail", 4}}}}}}}},
          {{"id", "d"},
           {"find", {{"scores", {{"bias", {{"above", 0.5}}}, {"toxicity", {{"below", 0.5}}}}}}},
           {"then", {{"action", "annotate"}}}},
          {{"id", "e"},
           {"find", {{"opaque", {"image", "remote_url"}}}},
           {"then", {{"action", "deny"}}}},
          {{"id", "f"},
           {"direction", "request"},
           {"find", {{"opaque", {"encrypted_reasoning"}}, {"seen", false}}},
           {"then", {{"action", "deny"}}}}};
}

Json full_document() {
  const Json who{{"users", {"u"}}, {"groups", {"g"}}, {"kinds", {"user"}}};
  const Json what{{"models", {"m*"}}, {"operations", {"chat"}}, {"zones", {"internal"}}};
  const Json when{{"days", {"mon"}}, {"hours", "08:00-20:00"}, {"timezone", "Asia/Shanghai"}};
  return {{"apiVersion", "menshen/v1"},
          {"kind", "PolicySet"},
          {"metadata", {{"name", "n"}, {"description", "d"}}},
          {"defaults",
           {{"access", "deny"},
            {"on_error", "deny"},
            {"opaque_content", "deny"},
            {"scores", "always"},
            {"body_logging", "none"}}},
          {"access",
           {{{"id", "a"},
             {"effect", "allow"},
             {"who", who},
             {"what", what},
             {"when", when},
             {"except",
              {{{"who", {{"users", {"v"}}}}, {"what", {{"models", {"n*"}}}}, {"when", when}}}},
             {"reason", "r"}}}},
          {"content", full_content(who, what, when)},
          {"recognizers", full_recognizers()},
          {"classes", {{"email", {"hipaa_f", "gdpr_special"}}, {"phone", "none"}}},
          {"ignore", full_ignore()},
          {"grounding", full_grounding()},
          {"tests",
           {{{"name", "t"},
             {"given",
              {{"user", "u"},
               {"groups", {"g"}},
               {"kind", "user"},
               {"model", "m"},
               {"operation", "chat"},
               {"zone", "internal"},
               {"time", "2026-01-05T12:00:00Z"},
               {"opaque", "encrypted_reasoning"},
               {"seen", true}}},
             {"expect", {{"access", "allow"}, {"rule", "a"}, {"opaque", "deny"}}}}}}};
}

TEST(Schema, SaysTheSameAsTheReader) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/policies/policy.schema.json");
  SchemaCheck check(Json::parse(file), accepts);
  compare_lists(check);
  check.document(full_document(), needed);
  EXPECT_EQ(check.faults(), "");
}

TEST(Reference, NamesEveryKey) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/docs/POLICY_REFERENCE.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto named = [&](std::string_view name) {
    for (const char* before : {"`", "`given.", "`expect.", "`metadata.", "`defaults.", "{"}) {
      if (text.find(before + std::string(name)) != std::string::npos) return true;
    }
    return false;
  };
  const std::span<const core::YamlKey> tables[] = {
      keys::root,    keys::metadata, keys::defaults,  keys::access_rule, keys::content_rule,
      keys::who,     keys::what,     keys::when,      keys::find,        keys::threshold,
      keys::then,    keys::test,     keys::given,     keys::expect,      keys::grounding,
      keys::sources, keys::mark,     keys::exception, keys::ignore,      keys::mask};
  for (const auto table : tables) {
    for (const core::YamlKey& key : table) {
      EXPECT_TRUE(!key.refusal.empty() || named(key.name)) << key.name;
    }
  }
}

// The check itself: a schema that says something else is found out.
TEST(Schema, ADifferenceIsNoticed) {
  std::ifstream file(MENSHEN_SOURCE_DIR "/policies/policy.schema.json");
  Json schema = Json::parse(file);
  schema["$defs"]["who"]["properties"]["teams"] = {{"type", "string"}};
  schema["$defs"]["then"]["required"].push_back("as");
  schema["$defs"]["find"]["properties"]["confidence_min"]["maximum"] = 0.25;
  schema["$defs"]["effect"]["enum"].push_back("maybe");
  SchemaCheck check(schema, accepts);
  compare_lists(check);
  check.document(full_document(), needed);
  EXPECT_NE(check.faults().find("/$defs/who: has other keys"), std::string::npos);
  EXPECT_NE(check.faults().find("/$defs/effect: has other choices"), std::string::npos);
  EXPECT_NE(check.faults().find("/content/0/then/as: is required and may be left"),
            std::string::npos);
  EXPECT_NE(check.faults().find("/content/0/find/confidence_min: takes 0.5"), std::string::npos);
  EXPECT_NE(check.faults().find("the full document has no teams"), std::string::npos);
}

}  // namespace
}  // namespace menshen::policies
