// The walk behind verify.h: every record in order, against its hash, the groups and tiles that it
// stands in, and each signed head when the walk has come to it. Internal to audit.
//
//   Verifier verifier(std::move(reader), key, first_key, options);
//   verifier.add_outside(note, in_file);             // heads that are not in the log itself
//   VerifyReport report = verifier.run();            // once
//
// One thread; the options outlive it.
#pragma once

#include "audit/checkpoint.h"
#include "audit/cosignature_audit.h"
#include "audit/exchange_book.h"
#include "audit/head_queue.h"
#include "audit/key_audit.h"
#include "audit/layout.h"
#include "audit/partial_tree.h"
#include "audit/problems.h"
#include "audit/reader.h"
#include "audit/suspects.h"
#include "audit/text_audit.h"
#include "audit/tile_audit.h"
#include "audit/verify.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace menshen::audit {

class Verifier {
  using Truth = Suspects::Truth;
  using Stored = RecordBatch::View;

 public:
  Verifier(LogReader reader, const NoteVerifier& key, const NoteVerifier& first,
           const VerifyOptions& options)
      : options_(options),
        begin_(options.own ? options.own->begin : 0),
        reader_(std::move(reader)),
        keys_(options.own ? KeyAudit(options.own->ring, begin_) : KeyAudit(key, first)),
        cosignatures_(options.witnesses, options.quorum),
        book_(options.exchanges_remembered, begin_ == 0) {
    report_.vkey = key.vkey();
  }

  // Heads from outside are read before the log's extent, which then covers them if all is well.
  void add_outside(std::string note, std::string_view where) {
    if (where == elsewhere) ++report_.published_heads;
    if (where == in_file) checkpoint_size_ = claimed_size(note, 0);
    heads_.add(std::move(note), where);
  }
  void count_fragments(std::size_t fragments) { report_.published_fragments = fragments; }
  void wrong_key_file(std::string_view name) {
    add_at(ProblemKind::head_signature, begin_,
           "The file " + std::string(name) + " is not of the keys that sign this log.");
  }
  void head_file_missing(std::string_view name) { files_missing_.push_back(name); }
  void look_at_texts(const std::filesystem::path& directory) {
    policies_.emplace(TextFolder{directory / layout::policies, ".yaml", "policy"});
    configurations_.emplace(
        TextFolder{directory / layout::configurations, ".json", "configuration"});
  }

  VerifyReport run() {
    const std::uint64_t own = options_.own ? options_.own->sealed : 0;
    const auto extent =
        options_.own ? core::Result<LogExtent>(LogExtent{own, 0, own}) : reader_.extent();
    extent_ = extent ? *extent : LogExtent{};
    if (const auto begun = extent ? begin_tree() : extent.error(); !begun) {
      unreadable(begun.error());
      if (!extent) (void)open_beyond();
      return finish();
    }
    heads_.start(extent_.records, begin_);
    const auto sealed =
        options_.own ? core::Result<std::uint64_t>(extent_.records) : reader_.tiles().records();
    tiles_.emplace(reader_.tiles(), sealed ? *sealed : 0, checkpoint_size_, begin_);
    if (!walk()) return finish();
    settle(Truth::unsigned_yet);
    if (options_.own) {
      if (!check_behind()) return finish();
    } else {
      check_cut();
      check_given_key();
    }
    if (report_.problems_total == 0) check_partials();
    for (const std::string_view name : files_missing_) {
      if (extent_.records == 0) break;
      add_at(ProblemKind::head_missing, extent_.records,
             "The file " + std::string(name) + ", which holds signed heads, is gone.");
    }
    if (const auto missing = cosignatures_.missing(); missing && extent_.records > 0)
      add_at(ProblemKind::cosignature, extent_.records, *missing);
    return finish();
  }

 private:
  core::Result<void> begin_tree() {
    if (begin_ == 0) return {};
    const auto node = [this](const Subtree& subtree) { return reader_.tiles().node(subtree); };
    const auto tree = read_frontier(begin_, node);
    if (tree) trees_ = TreePair(*tree);
    return tree ? core::Result<void>{} : tree.error();
  }

  // False: options_.pace has ended it.
  bool walk() {
    RecordBatch batch;
    check_heads();
    while (trees_.size() < extent_.records) {
      if (options_.progress) options_.progress(trees_.size(), extent_.records);
      if (const auto read = reader_.read(trees_.size(), batch); !read) {
        unreadable(read.error());
        return true;
      }
      if (batch.records.empty() || batch.records.front().seq >= extent_.records) {
        (void)pass_hole(extent_.records);
        return true;
      }
      for (const Stored& record : batch.records) {
        if (record.seq >= extent_.records) break;
        if (record.seq > trees_.size() && !pass_hole(record.seq)) return true;
        check(record);
        check_heads();
      }
      if (!keep_pace(batch.bytes.size())) return false;
    }
    return true;
  }

  bool keep_pace(std::uint64_t bytes) {
    for (auto* const texts : {&policies_, &configurations_})
      if (*texts) bytes += (*texts)->take_bytes_read();
    bytes += signature_bytes * (report_.heads - std::exchange(heads_paced_, report_.heads));
    return !options_.pace || options_.pace(bytes);
  }

  // False when the hole is wider than what could ever have stood in the file: a number was damaged,
  // and nothing is gained by counting up to it.
  bool pass_hole(std::uint64_t end) {
    const std::uint64_t first = trees_.size();
    add(missing_records(first, end));
    if (end > extent_.records_max) return false;
    while (trees_.size() < end) {
      trees_.append(std::nullopt, std::nullopt);
      tiles_->add(std::nullopt, trees_.stored_tile_root());
      check_heads();
    }
    return true;
  }

  void check(const Stored& record) {
    const std::uint64_t seq = record.seq;
    const bool is_record = parse_record(record.body, parsed_).has_value();
    const bool named = !is_record || !check_identity(record);
    if (!is_record) {
      add_at(ProblemKind::altered, seq,
             "Record " + std::to_string(seq) + " was altered: it is no record.");
    }
    if (!named) check_record(seq, parsed_.record);
    const Hash leaf = leaf_hash(record.body);
    if (is_record && record.leaf == leaf) check_texts(seq, parsed_.record);
    trees_.append(leaf, record.leaf);
    if (record.leaf != leaf)
      suspects_.add({seq, seq, is_record ? parsed_.record.exchange : std::string{}, named});
    check_group(record);
    tiles_->add(record.leaf, trees_.stored_tile_root());
    for (const WrongTile& wrong : tiles_->take())
      suspects_.add({wrong.first, wrong.last, {}, false});
  }

  // The hashes stored with a group's records must give the root that was written with them.
  void check_group(const Stored& record) {
    if (!record.group || group_diverged_ || trees_.stored_root() == record.group->root) return;
    group_diverged_ = true;  // and so do all behind it
    suspects_.add({record.group->first, record.seq, {}, false});
  }

  // False when the record is not the one that belongs here, which is then reported.
  bool check_identity(const Stored& record) {
    auto wrong = misplaced(reader_, record, parsed_);
    if (wrong) add(std::move(*wrong));
    return !wrong;
  }

  void check_record(std::uint64_t seq, const Record& record) {
    const std::string here = "Record " + std::to_string(seq) + ": ";
    if (const auto broken = book_.add(seq, record))
      add({ProblemKind::exchange, seq, seq, record.exchange, here + *broken});
    if (record.type != RecordType::key) return;
    if (const auto wrong = keys_.take(seq, record))
      add_at(ProblemKind::head_signature, seq, here + *wrong);
  }

  void check_texts(std::uint64_t seq, const Record& record) {
    // Former versions kept no texts, and named no catalog.
    if (!record.catalog.empty()) check_text(policies_, seq, record.policy);
    if (!record.configuration.empty()) check_text(configurations_, seq, record.configuration);
  }
  void check_text(std::optional<TextAudit>& texts, std::uint64_t seq, const std::string& hash) {
    if (!texts) return;
    if (auto wrong = texts->check(hash)) {
      add_at(wrong->missing ? ProblemKind::text_missing : ProblemKind::text_altered, seq,
             records_text(seq, seq) + ": " + wrong->what);
    }
  }

  void check_heads() {
    for (auto next = heads_.next(trees_.size()); next; next = heads_.next(trees_.size())) {
      if (!*next) {
        unreadable(next->error());
      } else if (opens(**next)) {
        check_head(*(*next)->opened, (*next)->where);
      }
    }
  }

  bool opens(const FoundHead& head) {
    if (!head.opened) {
      refused_head(head.stored.size, head.where, head.opened.error().message);
      return false;
    }
    if (head.where == in_log) return true;
    if (const auto wrong = cosignatures_.add(head.stored.note, head.stored.size)) {
      add_at(ProblemKind::cosignature, head.stored.size,
             "A head " + std::string(head.where) + ": " + *wrong);
    }
    return true;
  }

  void check_head(const SignedHead& head, std::string_view where) {
    const std::uint64_t size = head.checkpoint.size;
    const auto computed = trees_.computed_root();
    const auto stored = trees_.stored_root();
    const bool holds = computed == head.checkpoint.root;
    if (!keys_.believe(head, holds)) {
      if (const auto doubt = keys_.doubt(head)) refused_head(size, where, *doubt);
      return;
    }
    if (computed || stored) ++report_.heads;
    if (holds) {
      settle(Truth::records);
      good_size_ = size;
    } else if (stored == head.checkpoint.root) {
      settle(Truth::stored);
      trees_.trust_stored();
      good_size_ = size;
    } else if (computed || stored) {
      mismatch(head.checkpoint, where);
    }
  }

  // The records up to a head do not give its root, nor do the stored hashes.
  void mismatch(const Checkpoint& head, std::string_view where) {
    if (diverged_) return;
    diverged_ = true;
    const bool suspected = !suspects_.empty();
    settle(Truth::stored);
    if (suspected || (record_problem_ && *record_problem_ >= good_size_)) return;
    const std::uint64_t last = head.size == 0 ? 0 : head.size - 1;
    add(wrong_root(std::min(good_size_, last), last, where));
  }

  void settle(Suspects::Truth truth) {
    for (Problem& problem : suspects_.settle(truth)) add(std::move(problem));
  }

  void refused_head(std::uint64_t size, std::string_view where, const std::string& why) {
    const bool inside = where == in_log;
    const std::string which =
        inside ? "The head over " + std::to_string(size) + " records " : std::string("A head ");
    add_at(ProblemKind::head_signature, inside ? size : 0,
           which + std::string(where) + " cannot be trusted: " + why);
  }

  // Heads from outside that cover more than was walked over. Gives the largest that is signed.
  std::pair<std::uint64_t, std::string_view> open_beyond() {
    std::pair<std::uint64_t, std::string_view> largest{0, in_log};
    while (const auto head = heads_.next_beyond(keys_.ring())) {
      if (opens(*head) && head->stored.size > largest.first)
        largest = {head->stored.size, head->where};
    }
    return largest;
  }

  // Heads over records that stand in no bundle yet: one of the keys in force has signed them.
  // False: options_.pace has ended it.
  bool check_behind() {
    const OwnLog& own = *options_.own;
    while (auto next = heads_.next_behind(own.ring, own.heads_end)) {
      if (!*next) {
        unreadable(next->error());
        return true;
      }
      if (opens(**next)) ++report_.heads;
      if (!keep_pace(0)) return false;
    }
    return true;
  }

  // Heads of another key than the given one show nothing to whoever trusts that alone.
  void check_given_key() {
    if (!keys_.given_is_missing()) return;
    add_at(ProblemKind::head_signature, extent_.records,
           "The given key has signed no head of this log.");
  }

  // Heads that cover more than there is.
  void check_cut() {
    std::uint64_t size = extent_.last_head;
    std::string_view where = in_log;
    if (const auto outside = open_beyond(); outside.first > size) std::tie(size, where) = outside;
    if (size <= extent_.records) return;
    add(cut_off_records(extent_.records, size, where));
  }

  void unreadable(const core::Error& error) {
    const std::uint64_t seq = trees_.size();
    add_at(ProblemKind::unreadable, seq,
           "The log cannot be read from record " + std::to_string(seq) + " on. " + error.message);
  }

  // What mirrors read of the last records, beside the log itself.
  void check_partials() {
    const std::uint64_t last = checkpoint_size_ == 0 ? 0 : checkpoint_size_ - 1;
    for (const std::string& path : tiles_->wrong_partials()) {
      add({ProblemKind::stored_hash,
           last - last % tile_width,
           last,
           {},
           "The file " + path + " is not what the records give."});
    }
  }

  void add_at(ProblemKind kind, std::uint64_t seq, std::string what) {
    add({kind, seq, seq, {}, std::move(what)});
  }

  void add(Problem problem) {
    ++report_.problems_total;
    const bool of_record =
        problem.kind == ProblemKind::altered || problem.kind == ProblemKind::missing ||
        problem.kind == ProblemKind::moved || problem.kind == ProblemKind::duplicated;
    if (of_record) record_problem_ = std::max(record_problem_.value_or(0), problem.last);
    if (options_.found) options_.found(problem);
    if (report_.problems.size() < problems_listed_max)
      report_.problems.push_back(std::move(problem));
  }

  VerifyReport finish() {
    report_.records = extent_.records;
    report_.signed_records = good_size_;
    report_.key_changes = keys_.ring().changes();
    report_.witnessed = cosignatures_.result();
    if (const auto root = trees_.computed_root()) report_.root = core::to_hex(core::as_text(*root));
    report_.open_exchanges_total = book_.open_count();
    for (const auto& [seq, exchange] : book_.open_exchanges()) {
      if (report_.open_exchanges.size() == open_exchanges_listed_max) break;
      report_.open_exchanges.push_back({seq, exchange});
    }
    std::ranges::stable_sort(report_.problems, {}, &Problem::first);
    return std::move(report_);
  }

  const VerifyOptions& options_;
  const std::uint64_t begin_;
  LogReader reader_;
  KeyAudit keys_;
  VerifyReport report_;
  LogExtent extent_;
  HeadQueue heads_{reader_, keys_.ring()};
  CosignatureAudit cosignatures_;
  std::uint64_t checkpoint_size_ = 0;
  std::optional<TileAudit> tiles_;
  std::optional<TextAudit> policies_;        // absent: a copy for others, which has none
  std::optional<TextAudit> configurations_;  // likewise
  std::uint64_t heads_paced_ = 0;
  std::vector<std::string_view> files_missing_;

  TreePair trees_;
  ParsedRecord parsed_;  // of the record that is looked at
  Suspects suspects_;
  std::uint64_t good_size_ = 0;
  std::optional<std::uint64_t> record_problem_;
  bool diverged_ = false;
  bool group_diverged_ = false;
  ExchangeBook book_;
};

}  // namespace menshen::audit
