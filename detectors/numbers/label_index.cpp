#include "detectors/numbers/label_index.h"

#include "detectors/values/boundary.h"

#include <algorithm>

namespace menshen::detectors {
namespace {

// Quantities, places in a text, and what belongs to everybody.
constexpr std::string_view other_labels[] = {
    "bytes",   "size",   "length",   "len",     "block",   "blk",
    "offset",  "port",   "pid",      "tid",     "page",    "pages",
    "line",    "lines",  "row",      "rows",    "hotline", "seed",
    "epoch",   "doi",    "pmid",     "issue",   "bug",     "amount",
    "price",   "total",  "balance",  "count",   "docket",  "purchase order",
    "po",      "batch",  "lot",      "part",    "model",   "checksum",
    "crc",     "md5",    "thread",   "session", "job",     "task",
    "process", "memory", "capacity", "volume",  "chapter", "热线",
    "客服",    "字节",   "大小",     "页码",    "第",      "金额",
    "价格",    "数量",   "合计",     "总计",    "余额",    "合同",
    "文号",    "行号",   "端口",     "线程",    "进程",    "型号",
    "货号",    "批次",   "随机种子", "快递",    "偏移",    "长度",
    "序号",    "货物",   "票号",     "合約",    "發票",    "發票號碼",
    "客服热线"};

// Labels that many things have: they say what a row's value may be, and not that it is no other's.
constexpr std::string_view generic_labels[] = {"text",
                                               "call",
                                               "contact",
                                               "account",
                                               "payment",
                                               "bank",
                                               "social",
                                               "identity",
                                               "dial",
                                               "credit",
                                               "debit",
                                               "card",
                                               "cards",
                                               "id",
                                               "证件",
                                               "联系",
                                               "账号",
                                               "帐号",
                                               "账户",
                                               "帐户",
                                               "付款",
                                               "id number",
                                               "id no",
                                               "license",
                                               "licence",
                                               "tax id",
                                               "taxpayer",
                                               "cell",
                                               "mob",
                                               "pan",
                                               "cc",
                                               "ss",
                                               "tin",
                                               "证件号",
                                               "税号",
                                               "address",
                                               "my number",
                                               "account number",
                                               "account no",
                                               "bank account",
                                               "individual number",
                                               "wallet",
                                               "通行证",
                                               "身份证",
                                               "passport",
                                               "plate",
                                               "medicare"};

// What may stand between a label and its value. `glued`: behind a letter too (passportno).
struct Filler {
  std::string_view word;
  bool glued = false;
};
constexpr Filler fillers[] = {{"number", true},
                              {"numbers", true},
                              {"num", true},
                              {"nr"},
                              {"no", true},
                              {"id", true},
                              {"code", true},
                              {"is"},
                              {"was"},
                              {"are"},
                              {"value"},
                              {"nummer", true},
                              {"numero"},
                              {"número"},
                              {"numéro"},
                              {"ist"},
                              {"est"},
                              {"es"},
                              {"è"},
                              {"é"},
                              {"nº"},
                              {"№"},
                              {"n°"},
                              {"s", true},
                              {"号"},
                              {"號"},
                              {"码"},
                              {"碼"},
                              {"为"},
                              {"為"},
                              {"是"},
                              {"值"},
                              {"填"},
                              {"编号"},
                              {"編號"},
                              {"代码"},
                              {"如下"},
                              {"了"},
                              {"证号"},
                              {"番号"},
                              {"は"},
                              {"번호"},
                              {"는"},
                              {"은"}};

constexpr std::string_view wide_marks[] = {"：", "“",  "”",  "‘", "’", "「",
                                           "『", "【", "】", "—", "="};

// Whether a word may begin here: `original` keeps its case.
bool begins_word(std::string_view original, std::size_t at) noexcept {
  return at == 0 || !is_letter(original[at - 1]) || !is_letter(original[at]) ||
         (is_upper(original[at]) && is_lower(original[at - 1]));
}

// How many bytes at the end of `context` are the word; 0: it does not end with it.
std::size_t word_at_end(std::string_view context, std::string_view word) noexcept {
  constexpr std::string_view blanks = " _-.";
  std::size_t at = context.size();
  for (std::size_t left = word.size(); left > 0; --left) {
    if (word[left - 1] == ' ') {
      while (at > 0 && blanks.find(context[at - 1]) != blanks.npos) --at;
      continue;
    }
    if (at == 0 || to_lower(context[at - 1]) != word[left - 1]) return 0;
    --at;
  }
  return context.size() - at;
}

std::size_t filler_at_end(std::string_view context) noexcept {
  for (const Filler& filler : fillers) {
    const std::size_t bytes = word_at_end(context, filler.word);
    if (bytes > 0 && (filler.glued || begins_word(context, context.size() - bytes))) return bytes;
  }
  return 0;
}

// Blanks, and a line end where a colon stands before it.
bool strip_blanks(std::string_view& context) noexcept {
  const std::size_t last = context.find_last_not_of(" \t\r\n");
  if (last == context.npos) {
    context = {};
    return false;
  }
  const std::string_view kept = context.substr(0, last + 1);
  const bool line_end = context.substr(last + 1).find('\n') != context.npos;
  if (line_end && !kept.ends_with(':') && !kept.ends_with("：")) return false;
  context = kept;
  return true;
}

// "SSN (US): ": the remark.
void strip_remark(std::string_view& context) noexcept {
  constexpr std::size_t remark_bytes_max = 32;
  if (!context.ends_with(')')) return;
  const std::size_t open = context.rfind('(');
  if (open != context.npos && context.size() - open <= remark_bytes_max) {
    context = context.substr(0, open);
  }
}

// `close`: what may stand between two fillers, and not what parts a label from its value.
void strip(std::string_view& context, bool close) noexcept {
  const std::string_view marks = close ? " _-#" : ":=#\"'`*_-([{<>|~.";
  for (std::size_t before = 0; before != context.size();) {
    before = context.size();
    if (!strip_blanks(context)) return;
    if (close) {
      if (marks.find(context.back()) != marks.npos) context.remove_suffix(1);
      continue;
    }
    if (marks.find(context.back()) != marks.npos) context.remove_suffix(1);
    for (const std::string_view mark : wide_marks) {
      if (context.ends_with(mark)) context.remove_suffix(mark.size());
    }
    strip_remark(context);
  }
}

}  // namespace

LabelIndex::LabelIndex() {
  for (const std::string_view word : number_labels()) add(word, std::nullopt);
  for (const std::string_view word : other_labels) add(word, std::nullopt);
}

void LabelIndex::add(Words labels, std::size_t row) {
  for (const std::string_view word : labels) add(word, row);
}

void LabelIndex::add(std::string_view word, std::optional<std::size_t> row) {
  auto& entries = by_last_byte_[static_cast<unsigned char>(word.back())];
  auto found = std::ranges::find(entries, word, &Entry::word);
  if (found == entries.end()) {
    found = entries.insert(found, {word, {}});
    found->label.otherwise = std::ranges::find(generic_labels, word) == std::end(generic_labels);
  }
  if (row) found->label.rows.set(*row);
}

void LabelIndex::finish() {
  for (auto& entries : by_last_byte_) {
    std::ranges::stable_sort(entries, std::ranges::greater{},
                             [](const Entry& e) { return e.word.size(); });
  }
}

std::pair<const LabelIndex::Entry*, std::size_t> LabelIndex::longest_at_end(
    std::string_view context) const noexcept {
  if (context.empty()) return {};
  for (const Entry& entry : by_last_byte_[static_cast<unsigned char>(to_lower(context.back()))]) {
    const std::size_t bytes = word_at_end(context, entry.word);
    const std::size_t at = context.size() - bytes;
    if (bytes > 0 && begins_word(context, at)) return {&entry, at};
  }
  return {};
}

DirectLabel LabelIndex::before(std::string_view context) const noexcept {
  DirectLabel label;
  std::size_t begin = context.size();  // of the words that were found
  bool found = false;
  for (;;) {
    strip(context, found);
    if (const auto [entry, at] = longest_at_end(context); entry != nullptr && at <= begin) {
      // 社保号 is 社保 and a filler as well.
      if (at < begin) label = {};
      label.rows |= entry->label.rows;
      label.otherwise = label.otherwise || entry->label.otherwise;
      begin = at;
      found = true;
    }
    const std::size_t filler = filler_at_end(context);
    if (filler == 0) return label;
    context.remove_suffix(filler);
  }
}

void Before::move_to(std::size_t begin) noexcept {
  if (begin == begin_) return;
  begin_ = begin;
  direct_.reset();
}

const DirectLabel& Before::direct() {
  if (!direct_) direct_ = labels_.before(window_.context(begin_));
  return *direct_;
}

}  // namespace menshen::detectors
