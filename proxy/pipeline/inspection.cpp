#include "proxy/pipeline/inspection.h"

#include "detectors/catalog.h"
#include "detectors/guarded.h"
#include "detectors/literal.h"
#include "proxy/pipeline/document_texts.h"
#include "proxy/pipeline/numbering.h"
#include "proxy/pipeline/own_placeholders.h"
#include "proxy/pipeline/speech.h"

#include <algorithm>
#include <span>
#include <utility>

namespace menshen::pipeline {
namespace {

constexpr std::size_t pooled_scanners_max = 64;

// How much is read between two looks at a stop token.
constexpr std::size_t stop_bytes = 64 * 1024;

// Reads one text through a Scanner or, where it has parts, through Speech, in bounded steps: so it
// can be stopped, and the reader keeps few findings.
template <class Reader>
core::Result<void> feed(Reader& reader, std::string_view text, const std::stop_token& stop,
                        std::vector<core::Finding>& findings) {
  do {
    if (stop.stop_requested()) return work_stopped();
    const std::string_view step = text.substr(0, stop_bytes);
    if (auto fed = reader.feed(step); !fed) return fed;
    const std::vector<core::Finding>& found = reader.take();
    findings.insert(findings.end(), found.begin(), found.end());
    text.remove_prefix(step.size());
  } while (!text.empty());
  return {};
}

template <class Reader>
core::Result<void> finish(Reader& reader, std::vector<core::Finding>& findings) {
  if (auto done = reader.finish(); !done) return done;
  const std::vector<core::Finding>& found = reader.take();
  findings.insert(findings.end(), found.begin(), found.end());
  return {};
}

core::Result<void> scan_alone(std::string_view text, ScannerPool& pool, const std::stop_token& stop,
                              std::vector<core::Finding>& findings) {
  auto scanner = pool.take();
  if (auto fed = feed(*scanner, text, stop, findings); !fed) return fed;
  if (auto done = finish(*scanner, findings); !done) return done;
  pool.give(std::move(scanner));
  return {};
}

// Scans a leaf that is a text of its own.
core::Result<void> scan_leaf(const protocol::Document& document, std::size_t leaf,
                             std::string_view text, ScannerPool& pool, const std::stop_token& stop,
                             std::vector<core::Finding>& findings) {
  const std::string_view label = label_of(document, leaf);
  if (label.empty()) return scan_alone(text, pool, stop, findings);
  auto found = scan_labelled(label, text, pool, stop);
  if (!found) return found.error();
  findings.insert(findings.end(), found->begin(), found->end());
  return {};
}

// Scans one text and gives its bytes.
core::Result<std::size_t> scan_text(const protocol::Document& document,
                                    std::span<const std::uint32_t> of_text, ScannerPool& pool,
                                    std::string& scratch, const std::stop_token& stop,
                                    std::vector<core::Finding>& findings) {
  const auto leaves = document.leaves();
  if (of_text.size() == 1) {
    const protocol::Leaf& leaf = leaves[of_text.front()];
    if (leaf.returned && !pool.knows_secrets()) return std::size_t{0};  // nothing may be found
    const std::string_view text = document.text(leaf, scratch);
    const std::size_t before = findings.size();
    auto scanned = scan_leaf(document, of_text.front(), text, pool, stop, findings);
    if (!scanned) return scanned.error();
    if (leaf.returned) keep_secrets(findings, before);
    return text.size();
  }
  Speech speech(pool);
  for (const std::uint32_t index : of_text) {
    const protocol::Leaf& leaf = leaves[index];
    if (leaf.begins_part) {
      if (auto begun = speech.begin_part(); !begun) return begun.error();
    }
    auto fed = feed(speech, document.text(leaf, scratch), stop, findings);
    if (!fed) return fed.error();
  }
  const std::size_t bytes = speech.text_bytes();
  if (auto done = finish(speech, findings); !done) return done.error();
  return bytes;
}

// Edits of a document's leaves.
struct DocumentSink {
  const protocol::Document& document;
  protocol::Edits& edits;

  void edit(std::uint32_t leaf, std::size_t begin, std::size_t end, std::string_view replacement) {
    edits.replace(document.leaves()[leaf], begin, end, replacement);
  }
  void settled(std::uint32_t) noexcept {}
};

// Sends one text, with what was found in it, through its transforms.
core::Result<void> redact_text(const protocol::Document& document,
                               std::span<const std::uint32_t> of_text,
                               std::span<const core::Finding> findings, const TextRules& rules,
                               core::Direction direction, protocol::Edits& edits,
                               const std::stop_token& stop) {
  const auto leaves = document.leaves();
  const protocol::Leaf& first = leaves[of_text.front()];
  std::string scratch;
  std::vector<core::Finding> outside;
  if (rules.own != nullptr && !findings.empty()) {
    std::string text;
    for (const std::uint32_t leaf : of_text) text.append(document.text(leaves[leaf], scratch));
    const bool is_json = first.kind == protocol::LeafKind::json_text;
    outside = outside_of_own(findings, text, *rules.own, is_json);
    findings = outside;
  }
  const auto at_place = [&](core::Error error) {
    if (direction != core::Direction::request || error.kind != core::ErrorKind::forbidden)
      return error;
    if (first.kind != protocol::LeafKind::key) {
      error.where = document.pointer(first);
      return error;
    }
    // The place of a key would repeat it.
    protocol::KeyPlace place = document.key_place(first);
    error.where = std::move(place.object);
    error.message.append(" It is key ").append(std::to_string(place.number));
    error.message.append(error.where.empty() ? " of the body" : " of that object");
    error.message.append(", counted from 1.");
    return error;
  };
  if (auto judged = rules.judge.judge(findings, first.kind, first.role, stop); !judged) {
    return at_place(judged.error());
  }
  auto transforms = make_transforms(rules, first);
  if (rules.judge.redactions().empty() && transforms.empty()) return {};
  TextFlow<std::uint32_t, Decided> flow(std::move(transforms), rules.judge.redactions(),
                                        rules.replacer, stop,
                                        first.kind == protocol::LeafKind::json_text);
  DocumentSink sink{document, edits};
  for (const std::uint32_t leaf : of_text) {
    const std::string_view text = document.text(leaves[leaf], scratch);
    if (auto fed = flow.feed(leaf, text, leaves[leaf].begins_part, sink); !fed) return fed;
  }
  return flow.finish(sink);
}

std::vector<std::uint32_t> opaque_leaves(const protocol::Document& document) {
  std::vector<std::uint32_t> out;
  const auto leaves = document.leaves();
  for (std::uint32_t i = 0; i < leaves.size(); ++i) {
    if (leaves[i].kind == protocol::LeafKind::opaque) out.push_back(i);
  }
  return out;
}

core::Result<Inspected> inspect_all(const protocol::Document& document, ScannerPool& pool,
                                    const std::stop_token& stop) {
  Inspected out;
  std::string scratch;
  const auto leaves = document.leaves();
  const auto scan = [&](std::vector<std::uint32_t>& of_text) -> core::Result<void> {
    const std::size_t before = out.findings.size();
    const auto bytes = scan_text(document, of_text, pool, scratch, stop, out.findings);
    if (!bytes) return bytes.error();
    ++out.scanned_segments;
    out.scanned_bytes += *bytes;
    if (out.findings.size() == before) return {};
    if (leaves[of_text.front()].kind == protocol::LeafKind::number)
      cover_whole(std::span(out.findings).subspan(before), *bytes);
    out.texts.push_back({std::move(of_text), before, out.findings.size()});
    return {};
  };
  if (auto scanned = each_text(document, scan); !scanned) return scanned.error();
  out.opaque = opaque_leaves(document);
  return out;
}

}  // namespace

Inspected unread(const protocol::Document& document) {
  Inspected out;
  out.opaque = opaque_leaves(document);
  return out;
}

core::Error work_stopped() {
  return core::gateway_error(core::ErrorKind::internal, "work_stopped",
                             "The work was stopped, because nobody waits for it.");
}

// Scanners of a catalog that is in force no more are dropped as they turn up.
std::unique_ptr<detectors::Scanner> ScannerPool::take() {
  std::unique_ptr<detectors::Scanner> scanner;
  std::vector<std::unique_ptr<detectors::Scanner>>& free = keeper().free_;
  while (!free.empty() && free.back()->catalog() != catalog_) free.pop_back();
  if (free.empty()) {
    scanner = std::make_unique<detectors::Scanner>(catalog_);
  } else {
    scanner = std::move(free.back());
    free.pop_back();
  }
  scanner->reset(literals_);
  return scanner;
}

void ScannerPool::give(std::unique_ptr<detectors::Scanner> scanner) {
  std::vector<std::unique_ptr<detectors::Scanner>>& free = keeper().free_;
  if (free.size() < pooled_scanners_max) free.push_back(std::move(scanner));
}

core::Result<std::vector<core::Finding>> ScannerPool::scan(std::string_view text) {
  auto scanner = take();
  auto read = scanner->feed(text);
  if (read) read = scanner->finish();
  if (!read) return read.error();
  std::vector<core::Finding> findings = scanner->take();
  give(std::move(scanner));
  return findings;
}

bool ScannerPool::is_clean(std::string_view text) {
  const auto findings = scan(text);
  return findings && findings->empty();
}

void keep_secrets(std::vector<core::Finding>& findings, std::size_t from) {
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(from);
  findings.erase(std::remove_if(begin, findings.end(),
                                [](const core::Finding& finding) {
                                  return finding.type != &detectors::provider_credential;
                                }),
                 findings.end());
}

// As in JSON text: the key and its value are two parts of one text.
std::string_view label_of(const protocol::Document& document, std::size_t leaf) {
  // Context, each character an escape of six bytes.
  constexpr std::size_t label_bytes_max = core::context_bytes_max * 6;
  const auto leaves = document.leaves();
  const std::string_view bytes = document.bytes();
  const std::size_t end = leaves[leaf].begin;
  if (leaves[leaf].kind == protocol::LeafKind::key) return {};
  for (std::size_t at = leaf; at > 0; --at) {
    const protocol::Leaf& before = leaves[at - 1];
    const std::size_t next = leaves[at].begin;
    if (before.end > next || end - before.begin > label_bytes_max) return {};
    const std::string_view between = bytes.substr(before.end, next - before.end);
    if (between.find_first_not_of("\": [,\t\r\n") != std::string_view::npos) return {};
    if (before.kind == protocol::LeafKind::key) {
      return bytes.substr(before.begin, before.end - before.begin);
    }
  }
  return {};
}

core::Result<std::vector<core::Finding>> scan_labelled(std::string_view label,
                                                       std::string_view text, ScannerPool& pool,
                                                       const std::stop_token& stop) {
  std::vector<core::Finding> findings;
  Speech speech(pool);
  auto read = speech.feed(label);
  if (read) read = speech.feed("\": \"");
  const std::size_t begin = speech.text_bytes();
  if (read) read = speech.begin_part();
  if (read) read = feed(speech, text, stop, findings);
  if (read) read = finish(speech, findings);
  if (!read) return read.error();
  std::erase_if(findings, [begin](const core::Finding& f) { return f.end <= begin; });
  for (core::Finding& finding : findings) {
    finding.begin = std::max(finding.begin, begin) - begin;
    finding.end -= begin;
  }
  return findings;
}

void cover_whole(std::span<core::Finding> findings, std::size_t end) {
  for (core::Finding& finding : findings) {
    finding.begin = 0;
    finding.end = end;
  }
}

core::Result<Inspected> inspect(const protocol::Document& document, ScannerPool& pool,
                                const std::stop_token& stop) {
  return detectors::guarded([&] { return inspect_all(document, pool, stop); });
}

std::vector<std::unique_ptr<Transform>> make_transforms(const TextRules& rules,
                                                        const protocol::Leaf& leaf) {
  std::vector<std::unique_ptr<Transform>> made;
  const bool is_text = leaf.kind == protocol::LeafKind::text ||
                       leaf.kind == protocol::LeafKind::json_text ||
                       leaf.kind == protocol::LeafKind::key;
  if (!is_text) return made;
  for (const TransformMaker& maker : rules.transforms) {
    if (auto transform = maker({leaf.kind, leaf.role, leaf.answer})) {
      made.push_back(std::move(transform));
    }
  }
  return made;
}

core::Result<void> Decided::feed(std::string_view bytes, bool, TextWindow& window,
                                 std::vector<TextEdit>& edits) {
  if (replacer_.numbers()) note_depths(bytes);
  fed_ += bytes.size();
  for (; next_ < redactions_.size() && redactions_[next_].finding.end <= fed_; ++next_) {
    if ((next_ + 1) % stop_findings == 0 && stop_.stop_requested()) return work_stopped();
    const core::Finding& finding = redactions_[next_].finding;
    edits.push_back({finding.begin, finding.end,
                     replacer_.replacement(finding, window.at(finding.begin, finding.end),
                                           redactions_[next_].as,
                                           next_ < depths_.size() ? depths_[next_] : 0)});
  }
  return {};
}

void Decided::note_depths(std::string_view bytes) {
  std::size_t done = 0;
  for (std::size_t i = depths_.size(); i < redactions_.size(); ++i) {
    const std::size_t begin = redactions_[i].finding.begin - fed_;
    if (begin >= bytes.size()) break;
    nesting_.feed(bytes.substr(done, begin - done));
    done = begin;
    depths_.push_back(nesting_.depth());
  }
  nesting_.feed(bytes.substr(done));
}

core::Result<void> redact(const protocol::Document& document, const Inspected& inspected,
                          const TextRules& rules, core::Direction direction, protocol::Edits& edits,
                          const std::stop_token& stop) {
  const std::span<const core::Finding> findings = inspected.findings;
  auto next = inspected.texts.begin();
  const auto redact_next = [&](std::span<const std::uint32_t> leaves) -> core::Result<void> {
    if (stop.stop_requested()) return work_stopped();
    std::span<const core::Finding> found;
    if (next != inspected.texts.end() && next->leaves.front() == leaves.front()) {
      found = findings.subspan(next->findings_begin, next->findings_end - next->findings_begin);
      ++next;
    }
    return redact_text(document, leaves, found, rules, direction, edits, stop);
  };
  core::Result<void> done;
  if (rules.replacer.numbers()) {
    for (const std::uint32_t i : numbering_order(document, inspected.texts)) {
      next = inspected.texts.begin() + i;
      if (done = redact_next(next->leaves); !done) break;
    }
  } else if (rules.transforms.empty()) {
    while (done && next != inspected.texts.end()) done = redact_next(next->leaves);
  } else {
    done = each_text(document, redact_next);
  }
  if (!done) return done;
  if (direction == core::Direction::response && !edits.empty()) {
    document.null_logprobs(edits);
    document.null_state(edits);
  }
  return {};
}

}  // namespace menshen::pipeline
