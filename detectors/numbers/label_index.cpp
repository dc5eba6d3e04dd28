#include "detectors/numbers/label_index.h"

#include "detectors/values/behind.h"
#include "detectors/values/boundary.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace menshen::detectors {
namespace {

// Quantities, places in a text, and what belongs to everybody.
constexpr std::string_view other_labels[] = {
    "bytes",    "size",     "length",   "len",     "block",   "blk",
    "offset",   "port",     "pid",      "tid",     "page",    "pages",
    "line",     "lines",    "row",      "rows",    "hotline", "seed",
    "epoch",    "doi",      "pmid",     "issue",   "bug",     "amount",
    "price",    "total",    "balance",  "count",   "docket",  "purchase order",
    "po",       "batch",    "lot",      "part",    "model",   "checksum",
    "crc",      "md5",      "thread",   "session", "job",     "task",
    "process",  "memory",   "capacity", "volume",  "chapter", "热线",
    "客服",     "字节",     "大小",     "页码",    "第",      "金额",
    "价格",     "数量",     "合计",     "总计",    "余额",    "合同",
    "文号",     "行号",     "端口",     "线程",    "进程",    "型号",
    "货号",     "批次",     "随机种子", "快递",    "偏移",    "长度",
    "序号",     "货物",     "票号",     "合約",    "發票",    "發票號碼",
    "客服热线", "请求",     "会话",     "任务",    "交易",    "实例",
    "产品",     "零件",     "物料",     "航班",    "商品",    "设备编号",
    "用户id",   "用户编号", "会员号",   "user id", "uid",     "message id",
    "product",  "model no", "part no",  "asset",   "学号",    "工号",
    "fedex",    "ups",      "dhl",      "usps",    "awb",     "parcel",
    "shipment", "isin",     "顺丰",     "圆通",    "中通",    "韵达",
    "房号",     "册号",     "期号",     "页码"};

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
                              {"番号"},
                              {"は"},
                              {"번호"},
                              {"는"},
                              {"은"}};

constexpr std::string_view wide_marks[] = {"：", "“", "”", "‘", "’", "「", "『", "【", "】", "—"};

// Whether a word may begin here: `original` keeps its case.
bool begins_word(std::string_view original, std::size_t at) noexcept {
  return at == 0 || !is_letter(original[at - 1]) || !is_letter(original[at]) ||
         (is_upper(original[at]) && is_lower(original[at - 1]));
}

// How many bytes at the end of `context` are the word; 0: it does not end with it.
std::size_t word_at_end(std::string_view context, std::string_view word) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '_' || c == '-' || c == '.'; };
  std::size_t at = context.size();
  for (std::size_t left = word.size(); left > 0; --left) {
    if (word[left - 1] == ' ') {
      while (at > 0 && is_blank(context[at - 1])) --at;
      continue;
    }
    if (at == 0 || to_lower(context[at - 1]) != word[left - 1]) return 0;
    --at;
  }
  return context.size() - at;
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
bool strip_remark(std::string_view& context) noexcept {
  constexpr std::size_t remark_bytes_max = 32;
  if (!context.ends_with(')')) return false;
  const std::size_t open = context.rfind('(');
  if (open == context.npos || context.size() - open > remark_bytes_max) return false;
  context = context.substr(0, open);
  return true;
}

enum class Mark : std::uint8_t { none, parts, close };  // close: between two fillers as well
constexpr auto marks = [] {
  std::array<Mark, 128> all{};
  for (const char c : std::string_view(":=\"'`*([{<>|~."))
    all[static_cast<std::size_t>(c)] = Mark::parts;
  for (const char c : std::string_view("_-#")) all[static_cast<std::size_t>(c)] = Mark::close;
  return all;
}();

// What parts a label from its value; `close`: what may stand between two fillers.
void strip(std::string_view& context, bool close) noexcept {
  while (!context.empty()) {
    const auto last = static_cast<unsigned char>(context.back());
    if (is_alnum(context.back())) return;
    if (last == ' ' || (last >= '\t' && last <= '\r')) {
      if (!strip_blanks(context)) return;
    } else if (last < marks.size()) {
      if (marks[last] == Mark::none || (close && marks[last] == Mark::parts)) {
        if (close || !strip_remark(context)) return;
        continue;
      }
      context.remove_suffix(1);
    } else {
      const auto ends = [context](std::string_view mark) { return context.ends_with(mark); };
      const auto* const mark = std::ranges::find_if(wide_marks, ends);
      if (close || mark == std::end(wide_marks)) return;
      context.remove_suffix(mark->size());
    }
  }
}

// What follows the label behind a value: nothing, or what goes on with the sentence. A value behind
// it is its own, and "phone bill" and QQ用户 are no phone and no QQ.
bool may_end_label(std::string_view rest) noexcept {
  constexpr auto words = std::to_array<std::string_view>(
      {"for",  "to",  "of", "on",  "at", "and",  "or", "now",  "so", "but", "please", "there",
       "here", "too", "as", "not", "if", "when", "in", "with", "by", "it",  "ok",     "thanks"});
  constexpr auto particles = std::to_array<std::string_view>(
      {"的", "和", "或", "吗", "嗎", "哦", "了", "啊", "呢", "吧", "，",
       "。", "、", "；", "：", "！", "？", "）", "请", "請", "也"});
  rest = without_blanks_before(rest);
  if (rest.empty()) return true;
  if (static_cast<unsigned char>(rest.front()) >= 0x80) {
    return std::ranges::any_of(particles,
                               [rest](std::string_view p) { return rest.starts_with(p); });
  }
  if (is_digit(rest.front())) return false;
  std::size_t letters = 0;
  while (letters < rest.size() && is_letter(rest[letters])) ++letters;
  const std::string_view word = rest.substr(0, letters);
  return word.empty() || std::ranges::any_of(words, [word](std::string_view w) {
           return equal_ignoring_case(word, w);
         });
}

}  // namespace

LabelIndex::LabelIndex() {
  for (const std::string_view word : number_labels()) add(word, std::nullopt);
  for (const std::string_view word : other_labels) add(word, std::nullopt);
}

std::size_t LabelIndex::tail_of(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) {
    return static_cast<unsigned char>(to_lower(text[text.size() - i]));
  };
  return (byte(2) * 37U + byte(1)) % tails;
}

LabelIndex::Entry& LabelIndex::entry_of(std::string_view word) {
  auto& entries = by_tail_[tail_of(word)];
  const auto found = std::ranges::find(entries, word, &Entry::word);
  return found != entries.end() ? *found : entries.emplace_back(Entry{word, {}});
}

void LabelIndex::add(Words labels, std::size_t row) {
  for (const std::string_view word : labels) add(word, row);
}

void LabelIndex::add(std::string_view word, std::optional<std::size_t> row) {
  DirectLabel& label = entry_of(word).label;
  label.otherwise = std::ranges::find(generic_labels, word) == std::end(generic_labels);
  if (row) label.rows.set(*row);
}

void LabelIndex::finish() {
  for (const Filler& filler : fillers) {
    Entry& entry = entry_of(filler.word);
    entry.filler = true;
    entry.glued = filler.glued;
  }
  for (auto& entries : by_tail_) {
    std::ranges::stable_sort(entries, std::ranges::greater{},
                             [](const Entry& e) { return e.word.size(); });
  }
}

LabelIndex::End LabelIndex::end_of(std::string_view context) const noexcept {
  End end;
  if (context.size() < 2) return end;
  for (const Entry& entry : by_tail_[tail_of(context)]) {
    const std::size_t bytes = word_at_end(context, entry.word);
    if (bytes == 0) continue;
    const std::size_t at = context.size() - bytes;
    const bool begins = begins_word(context, at);
    const bool labels = entry.label.otherwise || entry.label.rows.any();
    if (labels && begins && end.label == nullptr) {
      end.label = &entry;
      end.label_begin = at;
    }
    if (entry.filler && (begins || entry.glued) && end.filler_bytes == 0) end.filler_bytes = bytes;
  }
  return end;
}

DirectLabel LabelIndex::before(std::string_view context) const noexcept {
  DirectLabel label;
  std::size_t begin = context.size();  // of the words that were found
  bool found = false;
  for (;;) {
    strip(context, found);
    const End end = end_of(context);
    if (end.label != nullptr && end.label_begin <= begin) {
      // 社保号 is 社保 and a filler as well.
      if (end.label_begin < begin) label = {};
      label.rows |= end.label->label.rows;
      label.otherwise = label.otherwise || end.label->label.otherwise;
      begin = end.label_begin;
      label.begin = begin;
      found = true;
    }
    if (end.filler_bytes == 0) return label;
    context.remove_suffix(end.filler_bytes);
  }
}

DirectLabel LabelIndex::leading(std::string_view phrase) const noexcept {
  constexpr std::size_t misses_max = 2;  // 银行 is none of ours, 银行卡 is
  DirectLabel longest;
  std::size_t longest_end = 0;
  for (std::size_t end = 1, misses = 0; end <= phrase.size() && misses < misses_max; ++end) {
    const char next = end < phrase.size() ? phrase[end] : ' ';
    const bool in_character = (next & '\xC0') == '\x80';
    if (in_character || (is_letter(phrase[end - 1]) && is_letter(next))) continue;
    const DirectLabel label = before(phrase.substr(0, end));
    if (label.any() && label.begin == 0) {
      longest = label;
      longest_end = end;
      misses = 0;
    } else if (longest_end > 0) {
      ++misses;
    }
  }
  return may_end_label(phrase.substr(longest_end)) ? longest : DirectLabel{};
}

void Around::move_to(std::size_t begin, std::size_t end) noexcept {
  if (begin == begin_ && end == end_) return;
  begin_ = begin;
  end_ = end;
  direct_.reset();
}

const DirectLabel& Around::direct() {
  if (direct_) return *direct_;
  direct_ = labels_.before(window_.context(begin_));
  const bool labelled = direct_->any();
  const Behind behind = read_behind(window_, end_);
  if (behind.quantity && !labelled) direct_->otherwise = true;
  if (behind.phrase.empty()) return *direct_;
  // Words behind claim a value for a row, whatever stands before it: "her SSN. 13800138000 is her
  // phone". To no other row they say that it is not its: 快递员 may stand behind a phone, (QQ)
  // behind a card.
  const auto rows = labels_.leading(behind.phrase).rows;
  if (!labelled) direct_->otherwise = rows.none() && names_other_number(behind.phrase);
  direct_->rows |= rows;
  return *direct_;
}

}  // namespace menshen::detectors
