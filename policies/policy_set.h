// A published policy set: immutable, shared by all threads, named by the hash of its bytes.
//
//   auto set = PolicySet::parse(text, "policy.yaml", known);
//   AccessDecision access = set->access({.subject = s, .model = "qwen3-32b", .operation = chat,
//                                        .zone = "internal", .wall_ns = now});
//   ContentPlan plan = set->content({...same facts...}, core::Direction::request);
//   plan.decide(finding).action;     // strongest matching action wins; order of rules is nothing
//
// Access: default deny; an explicit deny wins over any allow (law 10). A rule that restricts (a
// deny, a content rule) compares the model's name trimmed and case-folded too, as providers may
// read it; a rule that allows wants it as written. Loading errors name file, line and field, and
// all of a file's errors are reported at once.
#pragma once

#include "core/decision.h"
#include "core/error.h"
#include "core/exchange.h"
#include "core/finding.h"
#include "core/opaque.h"
#include "core/problem.h"
#include "core/score.h"
#include "core/segment.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace menshen::detectors {
class Catalog;
}

namespace menshen::policies {

// Names that there are outside the policy file. A rule that restricts and names anything else is a
// typo that fails open. What is absent could not be told, and is held against nothing.
struct NamesInUse {
  std::optional<std::vector<std::string>> users;   // whom API keys are for
  std::optional<std::vector<std::string>> groups;  // of API keys
  std::vector<std::string> models;                 // of routes: names and patterns
  std::vector<std::string> zones;                  // of upstreams
};

// Names that rules may use. The set keeps the catalog whose types these are, or one that finds what
// the set recognizes itself, and marks what it ignores, besides; the kinds of scores must outlive
// the set.
struct Known {
  std::span<const core::FindingType* const> types;
  std::span<const core::ScoreKind* const> scores;
  std::shared_ptr<const detectors::Catalog> catalog{};
  const NamesInUse* in_use{};  // during parse() alone; null: names are held against nothing
  bool strict{};               // a name that is not in use is an error, not a warning
};

// The facts that rules may ask about.
struct Facts {
  const core::Subject* subject = nullptr;  // never null
  std::string_view model;                  // as the client named it
  core::Operation operation = core::Operation::chat;
  std::string_view zone;  // of the upstream that would answer
  std::int64_t wall_ns = 0;
  // Models that may answer instead: a content rule applies that applies to any of them. Access is
  // asked for each by itself.
  std::span<const std::string> fallbacks{};
  // Instead of `model`: may any model at all be used so? Denied only when every model would be.
  bool any_model = false;
};

struct AccessDecision {
  bool allowed = false;
  std::string rule;    // id of the rule that decided; empty: no rule allowed it
  std::string reason;  // the rule's, for the caller; empty: say that no rule allows it
};

struct Defaults {
  core::Action on_error = core::Action::deny;  // a detector or score that failed: deny or allow
  core::Action opaque_content = core::Action::deny;  // what cannot be read: deny, annotate or allow
  bool score_always = false;  // every text has all its scores, whether or not a rule asks for them

  // Of opaque content that no rule is about. `returned`: what the provider alone can read and wants
  // back, at the field that its API has for it and within its limit.
  [[nodiscard]] core::Action of_opaque(bool returned) const noexcept {
    return returned ? core::Action::allow : opaque_content;
  }
};

// How opaque content stands: somewhere; at the field that its API has for what it gave out and
// wants back; there, and an answer to this subject is known to have had it.
enum class Stands : std::uint8_t { anywhere, returned, seen };

// How content of this kind usually stands, for who asks about a kind and has no part.
[[nodiscard]] constexpr Stands usual_place(core::OpaqueKind kind) noexcept {
  return kind == core::OpaqueKind::encrypted_reasoning ? Stands::seen : Stands::anywhere;
}

// What one finding, one score or an opaque part leads to.
struct Verdict {
  core::Action action = core::Action::allow;
  core::RedactStyle redact_as;
  bool unseen = false;  // the rule is about what no answer is known to have had
  // Of the strongest enforced rule that matched; null when none did, or it gives no reason. They
  // live as long as the plan's set.
  const std::string* rule = nullptr;
  const std::string* reason = nullptr;
};

// A rule that matched, and what: a type, a score or a kind of opaque content, by its name. They
// live as long as the plan's set.
struct Match {
  const std::string* rule;
  core::Action action;
  std::string_view of;
};
using Matches = std::vector<Match>;

class CompiledSet;
class SourceMarks;

// The content rules that apply to one exchange in one direction, resolved once. Cheap to copy,
// keeps its set alive, one thread at a time. A plan that no set made denies everything.
class ContentPlan {
 public:
  ContentPlan();
  ContentPlan(const ContentPlan&);
  ContentPlan(ContentPlan&&) noexcept;
  ContentPlan& operator=(const ContentPlan&);
  ContentPlan& operator=(ContentPlan&&) noexcept;
  ~ContentPlan();

  // The strongest enforced action; shadow rules that match are appended to `shadow` when not null.
  [[nodiscard]] Verdict decide(const core::Finding& finding, Matches* shadow) const;

  // Of all scores together. To `enforced`, when not null, the strongest enforced rule of each score
  // is appended that one matches.
  [[nodiscard]] Verdict decide(const core::Scores& scores, Matches* shadow,
                               Matches* enforced = nullptr) const;

  // Of opaque content of this kind; as the set's defaults say when no enforced rule is about it.
  [[nodiscard]] Verdict decide(core::OpaqueKind kind, Stands stands, Matches* shadow) const;

  // The scores that texts of this direction need: those that a rule of the plan is about, in force
  // or in shadow, or all, where the set says so. Of no plan none: it denies without them.
  [[nodiscard]] core::ScoreKinds scores_asked() const noexcept;

  // True when an enforced rule on a score could do more than annotate: streams are held until it is
  // known.
  [[nodiscard]] bool scores_hold_streams() const noexcept;

  // True when a rule in force redacts as pseudonyms.
  [[nodiscard]] bool gives_pseudonyms() const noexcept;

 private:
  friend class CompiledSet;
  struct Impl;
  std::shared_ptr<const Impl> impl_;
};

struct TestResult {
  std::string name;
  bool passed = false;
  std::string detail;  // what was expected and what came
};

class PolicySet : public std::enable_shared_from_this<PolicySet> {
 public:
  struct Loaded;
  // Never throws on bad input. `file` is used in messages only.
  [[nodiscard]] static Loaded parse(std::string_view text, std::string_view file,
                                    const Known& known);

  virtual ~PolicySet() = default;
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
  [[nodiscard]] virtual const std::string& text() const noexcept = 0;     // the file's bytes
  [[nodiscard]] virtual const std::string& version() const noexcept = 0;  // their hex SHA-256
  [[nodiscard]] virtual const Defaults& defaults() const noexcept = 0;
  [[nodiscard]] virtual AccessDecision access(const Facts& facts) const = 0;
  [[nodiscard]] virtual ContentPlan content(const Facts& facts,
                                            core::Direction direction) const = 0;
  // Those of content(facts, direction), without the plan where it makes no difference.
  [[nodiscard]] virtual core::ScoreKinds scores_asked(const Facts& facts,
                                                      core::Direction direction) const = 0;
  [[nodiscard]] virtual const SourceMarks& source_marks() const noexcept = 0;
  // Some rule asks whether an answer had what a request sends back, so answers are to be
  // remembered.
  [[nodiscard]] virtual bool asks_what_was_seen() const noexcept = 0;
  // Ids of all its rules. They live as long as the set.
  [[nodiscard]] virtual std::vector<std::string_view> rule_ids() const = 0;
  // By which texts are scanned under this set: what was known when it was read, and its own
  // recognizers.
  [[nodiscard]] virtual const std::shared_ptr<const detectors::Catalog>& catalog()
      const noexcept = 0;
  // Of a type of that catalog: its own, or what the set says instead.
  [[nodiscard]] virtual core::FindingClasses classes_of(
      const core::FindingType& type) const noexcept = 0;
  [[nodiscard]] virtual std::vector<TestResult> run_tests() const = 0;  // the file's own `tests:`
};

struct PolicySet::Loaded {
  std::shared_ptr<const PolicySet> set;  // null when there is an error
  std::vector<core::Problem> diagnostics;
};

}  // namespace menshen::policies
