// Detectors and content rules over texts: the part that bodies and streams share.
//
// A Text is one segment, fed piece by piece through one scanner. A Judge turns its findings into
// redactions or a refusal under one content plan, and keeps the tally.
#pragma once

#include "core/error.h"
#include "core/finding.h"
#include "core/segment.h"
#include "detectors/scanner.h"
#include "policies/policy_set.h"
#include "proxy/pipeline/json_nesting.h"
#include "proxy/pipeline/redaction.h"
#include "proxy/pipeline/tally.h"
#include "proxy/pipeline/text_flow.h"
#include "proxy/pipeline/transform.h"
#include "proxy/protocol/document.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::pipeline {

class Restorer;

// Scanners of one catalog, kept and used again, so that clean text costs no allocation. One thread.
class ScannerPool {
 public:
  // Keeps scanners for others, which name their catalog.
  ScannerPool() = default;
  // The scanners look for `literals` too, which outlive the pool.
  explicit ScannerPool(std::shared_ptr<const detectors::Catalog> catalog,
                       std::span<const detectors::Literal> literals = {})
      : catalog_(std::move(catalog)), literals_(literals) {}
  // With the scanners of `parent`, which outlives it.
  ScannerPool(ScannerPool& parent, std::shared_ptr<const detectors::Catalog> catalog)
      : catalog_(std::move(catalog)), keeper_(&parent.keeper()) {}
  ScannerPool(ScannerPool& parent, std::span<const detectors::Literal> literals)
      : catalog_(parent.catalog_), literals_(literals), keeper_(&parent.keeper()) {}
  // From now on with those of another parent.
  void use(ScannerPool& parent) noexcept { keeper_ = &parent.keeper(); }
  [[nodiscard]] std::unique_ptr<detectors::Scanner> take();
  void give(std::unique_ptr<detectors::Scanner> scanner);
  // Scans a whole text. Error: a detector failed.
  [[nodiscard]] core::Result<std::vector<core::Finding>> scan(std::string_view text);
  // Whether its scanners look for secrets of the gateway's own.
  [[nodiscard]] bool knows_secrets() const noexcept { return !literals_.empty(); }
  // Whether the whole text was scanned and nothing was found.
  [[nodiscard]] bool is_clean(std::string_view text);

 private:
  [[nodiscard]] ScannerPool& keeper() noexcept { return keeper_ != nullptr ? *keeper_ : *this; }

  std::shared_ptr<const detectors::Catalog> catalog_;
  std::span<const detectors::Literal> literals_;
  ScannerPool* keeper_ = nullptr;  // of the scanners; null: itself
  std::vector<std::unique_ptr<detectors::Scanner>> free_;
};

// Of the findings from `from` on, those of the gateway's own secrets: in ciphertext
// (Leaf::returned) all else is chance.
void keep_secrets(std::vector<core::Finding>& findings, std::size_t from);

// What stands before a leaf that is a text of its own and speaks for it: the key of a client's own
// map, as it is written; that of a list speaks for its items. Empty: nothing does.
// Points into the document.
[[nodiscard]] std::string_view label_of(const protocol::Document& document, std::size_t leaf);

// Scans a whole text behind its label; the findings are those in the text. What is found without
// the label is found too. Error: a detector failed.
[[nodiscard]] core::Result<std::vector<core::Finding>> scan_labelled(
    std::string_view label, std::string_view text, ScannerPool& pool,
    const std::stop_token& stop = {});

// A number that becomes a string keeps no sign, fraction or exponent of what was found in it.
void cover_whole(std::span<core::Finding> findings, std::size_t end);

// One text of a document, of one leaf or of several, and its share of Inspected::findings.
struct FoundText {
  std::vector<std::uint32_t> leaves;
  std::size_t findings_begin = 0;
  std::size_t findings_end = 0;
};

struct Inspected {
  std::vector<FoundText> texts;  // those with findings only
  std::vector<core::Finding> findings;
  std::uint64_t scanned_bytes = 0;
  std::uint32_t scanned_segments = 0;
  std::vector<std::uint32_t> opaque;  // leaves that cannot be read
};

// What work beside the event loop ends with when its token asks it to stop, which it looks at once
// for so many findings.
[[nodiscard]] core::Error work_stopped();
inline constexpr std::size_t stop_findings = 1024;

// Scans every leaf of a whole document that can be read. Errors: a detector failed;
// "out_of_memory"; "work_stopped" when `stop` was requested. Memory: 4 bytes for each leaf of a
// text with findings and 56 for each finding.
core::Result<Inspected> inspect(const protocol::Document& document, ScannerPool& pool,
                                const std::stop_token& stop = {});

// What is known of a document that detectors could not read: its opaque leaves, which rules are
// about all the same.
[[nodiscard]] Inspected unread(const protocol::Document& document);

// Whether a policy may let this error of a detector or score pass: not that memory ran out, which
// strangers can bring about.
[[nodiscard]] inline bool may_pass(const core::Error& error) noexcept {
  return error.kind != core::ErrorKind::unavailable;
}

// Law 2: what could not be told is an error, unless the policy lets it pass; then it is counted.
[[nodiscard]] core::Result<void> could_not_tell(const policies::Defaults& defaults,
                                                const core::Error& error, Tally& tally);

// A span of one text that is replaced.
struct Redaction {
  core::Finding finding;  // of the type that names the replacement; begin and end are the span
  core::RedactStyle as;
};

class Judge {
 public:
  Judge(policies::ContentPlan plan, core::Direction direction, Tally& tally)
      : plan_(std::move(plan)), direction_(direction), tally_(&tally) {}

  // Findings of one text, sorted by begin; redactions(), where overlapping ones became one, is
  // their outcome. An error: refused by a rule; redactions() then holds those before refused_at(),
  // from where on nothing of the text may leave.
  core::Result<void> judge(std::span<const core::Finding> findings, protocol::LeafKind kind,
                           core::Role role, const std::stop_token& stop = {});
  // The same of a request's path.
  core::Result<void> judge_path(std::span<const core::Finding> findings,
                                const std::stop_token& stop = {});
  core::Result<void> judge(const core::Scores& scores);
  core::Result<void> could_not_tell(const policies::Defaults& defaults, const core::Error& error) {
    return pipeline::could_not_tell(defaults, error, *tally_);
  }
  // A part that cannot be read: the strongest of what rules, or the defaults, say of its kinds.
  // `seen`: an answer to the subject is known to have had it.
  core::Result<void> judge_opaque(const protocol::Document& document, const protocol::Leaf& leaf,
                                  bool seen = false);

  [[nodiscard]] const std::vector<Redaction>& redactions() const noexcept { return redactions_; }
  [[nodiscard]] std::size_t refused_at() const noexcept { return refused_at_; }
  // What was refused last; null: nothing was.
  [[nodiscard]] const core::FindingType* refused_type() const noexcept { return refused_type_; }
  [[nodiscard]] core::ScoreKinds scores_asked() const noexcept { return plan_.scores_asked(); }
  [[nodiscard]] bool scores_hold_streams() const noexcept { return plan_.scores_hold_streams(); }
  [[nodiscard]] bool gives_pseudonyms() const noexcept { return plan_.gives_pseudonyms(); }

 private:
  // Where what is found cannot be redacted.
  struct Fixed {
    bool all = false;         // else what begins in a key
    std::string_view what{};  // for the one who is refused; empty: nowhere
  };
  core::Result<void> judge_at(std::span<const core::Finding> findings, core::Role role, Fixed fixed,
                              const std::stop_token& stop);
  void refuse_at(std::size_t begin);
  bool deny_instead_of_redacting(policies::Verdict& verdict);
  core::Error refusal(const policies::Verdict& verdict, std::string_view what) const;
  core::Error opaque_refusal(const policies::Verdict& verdict, core::OpaqueKinds kinds) const;

  policies::ContentPlan plan_;
  core::Direction direction_;
  Tally* tally_;
  std::vector<Redaction> redactions_;
  std::size_t refused_at_ = 0;
  const core::FindingType* refused_type_ = nullptr;
  policies::Matches shadow_;  // rules in shadow that matched what is judged
};

// What is done to the texts of one direction of an exchange.
struct TextRules {
  Judge& judge;
  Replacer& replacer;
  // Behind finding and deciding, in this order.
  std::span<const TransformMaker> transforms = {};
  // What the texts may call values by, in which nothing is found; null: nothing.
  const Restorer* own = nullptr;
};

// The further transforms of a text that begins with this leaf; of numbers and tokens none.
[[nodiscard]] std::vector<std::unique_ptr<Transform>> make_transforms(const TextRules& rules,
                                                                      const protocol::Leaf& leaf);

// As the first transform of a text that was read and judged before: the redactions, rising and
// apart from each other.
class Decided {
 public:
  // `is_json`: programs take the text for JSON.
  Decided(std::span<const Redaction> redactions, Replacer& replacer, std::stop_token stop = {},
          bool is_json = false)
      : redactions_(redactions), replacer_(replacer), stop_(std::move(stop)), nesting_(is_json) {}

  // Error "work_stopped" as below.
  core::Result<void> feed(std::string_view bytes, bool begins_part, TextWindow& window,
                          std::vector<TextEdit>& edits);
  core::Result<void> finish(TextWindow&, std::vector<TextEdit>&) { return {}; }
  [[nodiscard]] std::size_t settled() const noexcept {
    return next_ < redactions_.size() ? std::min(fed_, redactions_[next_].finding.begin) : fed_;
  }
  [[nodiscard]] std::optional<std::size_t> refused_at() const noexcept { return std::nullopt; }

 private:
  void note_depths(std::string_view bytes);

  std::span<const Redaction> redactions_;
  Replacer& replacer_;
  std::stop_token stop_;
  JsonNesting nesting_;           // of what was fed, where values are numbered
  std::vector<unsigned> depths_;  // of the redactions that have begun
  std::size_t next_ = 0;
  std::size_t fed_ = 0;
};

// Judges all findings of a document, sends its texts through their transforms and writes the edits,
// in time linear in its texts plus its findings; where values are numbered, in the order of that,
// and without transforms. `where` of a refusal names the place in a request.
// Error "work_stopped" as above.
core::Result<void> redact(const protocol::Document& document, const Inspected& inspected,
                          const TextRules& rules, core::Direction direction, protocol::Edits& edits,
                          const std::stop_token& stop = {});

}  // namespace menshen::pipeline
