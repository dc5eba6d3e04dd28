// menshen scan --explain: why each value of a text was found and what becomes of it, and what was
// passed over.
#pragma once

#include "detectors/explainer.h"
#include "policies/policy_set.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace menshen::cli {

// Whom the rules are asked about.
struct Caller {
  core::Subject subject;
  std::string model;
  std::string zone = "internal";
};

class ScanExplainer {
 public:
  // `set` may be null: no rule is asked about. Values are masked unless `show_values`.
  ScanExplainer(std::shared_ptr<const detectors::Catalog> catalog,
                std::shared_ptr<const policies::PolicySet> set, Caller caller, bool show_values);

  // {"found": [...], "passed_over": [...]}, as docs/CLI.md says it. Errors: a detector failed.
  [[nodiscard]] core::Result<nlohmann::ordered_json> explain(std::string_view text,
                                                             core::Direction direction) const;

 private:
  void add_rules(nlohmann::ordered_json& out, const core::Finding& finding,
                 core::Direction direction) const;
  [[nodiscard]] nlohmann::ordered_json span_of(std::string_view text, const core::Finding& finding,
                                               unsigned version) const;

  detectors::Explainer explainer_;
  std::shared_ptr<const policies::PolicySet> set_;
  Caller caller_;
  bool show_values_;
};

// The same for people: a line for each value, and indented ones that say why.
[[nodiscard]] std::string text_of_explanation(const nlohmann::ordered_json& explained);

}  // namespace menshen::cli
