// FORMAT.md and record.schema.json, held to the code: the fields with their forms.
#include "audit/format_page.h"
#include "audit/record_fields.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>
#include <string>

namespace menshen::audit {
namespace {

using FormatJson = nlohmann::json;

// What FORMAT.md calls the form of a field of this type.
struct FormOf {
  std::string operator()(const std::string&) const { return "text"; }
  std::string operator()(const std::vector<std::string>&) const { return "texts"; }
  std::string operator()(const std::vector<FiredRule>&) const { return "rules"; }
  std::string operator()(const FindingGroups&) const { return "groups"; }
  std::string operator()(const std::map<std::string, std::uint32_t>&) const { return "counts"; }
  std::string operator()(const std::map<std::string, float>&) const { return "scores"; }
  std::string operator()(const std::shared_ptr<const PrivacyEntry>&) const { return "privacy"; }
  std::string operator()(const std::shared_ptr<const KeyChangeEntry>&) const { return "change"; }
  std::string operator()(bool) const { return "true"; }
  template <class Integer>
    requires std::is_integral_v<Integer>
  std::string operator()(Integer) const {
    return "number";
  }
  std::string operator()(OwnField field) const {
    switch (field) {
      case OwnField::seq:
      case OwnField::version: return "number";
      case OwnField::time:
      case OwnField::type: return "text";
      case OwnField::truncated: return "counts";
    }
    return "";
  }
};

std::map<std::string, std::string> forms_of_the_code() {
  std::map<std::string, std::string> forms;
  Record record;
  visit_fields(record, [&](std::string_view name, const auto& field) {
    forms.emplace(name, FormOf{}(field));
  });
  return forms;
}

// Rows "| `name` | form | ... |" of the document.
std::map<std::string, std::string> forms_of_the_document() {
  std::map<std::string, std::string> forms;
  const std::size_t begin = document().find("### Fields");
  const std::size_t end = document().find("\n## ", begin);
  std::istringstream lines(document().substr(begin, end - begin));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("| `")) continue;
    const std::size_t name_end = line.find('`', 3);
    const std::size_t form = line.find("| ", name_end) + 2;
    forms.emplace(line.substr(3, name_end - 3), line.substr(form, line.find(' ', form) - form));
  }
  return forms;
}

std::map<std::string, std::string> forms_of_the_schema() {
  std::map<std::string, std::string> forms;
  const FormatJson schema = FormatJson::parse(file_of_audit("record.schema.json"));
  for (const auto& [name, property] : schema.at("properties").items()) {
    const std::string form = property.at("$ref").get<std::string>();
    forms.emplace(name, form.substr(form.rfind('/') + 1));
  }
  return forms;
}

TEST(Format, GivesEveryFieldItsForm) { EXPECT_EQ(forms_of_the_document(), forms_of_the_code()); }

TEST(Format, TheSchemaGivesEveryFieldItsForm) {
  EXPECT_EQ(forms_of_the_schema(), forms_of_the_code());
}

}  // namespace
}  // namespace menshen::audit
