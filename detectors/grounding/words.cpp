#include "detectors/grounding/words.h"

#include "detectors/grounding/tokens.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors::scoring {
namespace {

constexpr std::string_view function_words =
    "a an the and or but nor so yet if then else than that this these those there here it its "
    "itself he him his "
    "himself she her hers herself they them their theirs themselves we us our ours i me my mine "
    "you your yours "
    "who whom whose which what when where why how is am are was were be been being do does did "
    "done doing have "
    "has had having will would shall should can could may might must ought to of in on at by for "
    "with from into "
    "onto about above across after against along among around as before behind below beneath "
    "beside between "
    "beyond during except inside like near off out outside over past per since through throughout "
    "toward towards "
    "under until up upon via within without not no never none neither also too very just only even "
    "still already "
    "again ever often always sometimes usually such same other another each every either both all "
    "any some many "
    "much more most less least few several own now today however therefore thus hence while "
    "because although "
    "though unless whether well really quite rather mr mrs ms dr said says say according including "
    "dont doesnt "
    "didnt isnt arent wasnt werent cant couldnt wont wouldnt im ive id ill youre theyre hes shes "
    "thats lets yes yeah "
    "oh well think know believe guess";
constexpr std::string_view negation_words =
    "not no never none neither nor cannot cant dont doesnt didnt isnt arent wasnt werent wont "
    "wouldnt couldnt "
    "shouldnt hasnt havent hadnt without non";
constexpr std::string_view hedge_words =
    "about around nearly almost approximately roughly over under some";
constexpr std::string_view abbreviations =
    "mr mrs ms dr prof st jr sr inc corp co ltd vs etc no vol fig gen gov sen rep rev jan feb mar "
    "apr jun jul aug "
    "sep sept oct nov dec approx est dept";

constexpr std::pair<std::string_view, double> values[] = {
    {"two", 2},        {"three", 3},     {"four", 4},      {"five", 5},     {"six", 6},
    {"seven", 7},      {"eight", 8},     {"nine", 9},      {"ten", 10},     {"eleven", 11},
    {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16},
    {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20},  {"thirty", 30},
    {"forty", 40},     {"fifty", 50},    {"sixty", 60},    {"seventy", 70}, {"eighty", 80},
    {"ninety", 90}};
constexpr std::pair<std::string_view, double> scales[] = {{"hundred", 1e2},
                                                          {"thousand", 1e3},
                                                          {"million", 1e6},
                                                          {"billion", 1e9},
                                                          {"trillion", 1e12},
                                                          {"k", 1e3},
                                                          {"m", 1e6},
                                                          {"mn", 1e6},
                                                          {"bn", 1e9},
                                                          {"b", 1e9},
                                                          {"percent", percent_scale},
                                                          {"pct", percent_scale}};

// Words whose exchange turns a claim around. Both ways.
constexpr std::pair<std::string_view, std::string_view> opposites[] = {{"increase", "decrease"},
                                                                       {"increased", "decreased"},
                                                                       {"increasing", "decreasing"},
                                                                       {"rise", "fall"},
                                                                       {"rose", "fell"},
                                                                       {"rising", "falling"},
                                                                       {"grew", "shrank"},
                                                                       {"gain", "loss"},
                                                                       {"gained", "lost"},
                                                                       {"profit", "loss"},
                                                                       {"won", "lost"},
                                                                       {"win", "lose"},
                                                                       {"higher", "lower"},
                                                                       {"highest", "lowest"},
                                                                       {"improve", "worsen"},
                                                                       {"improved", "worsened"},
                                                                       {"improves", "worsens"},
                                                                       {"strong", "weak"},
                                                                       {"strengthen", "weaken"},
                                                                       {"strengthened", "weakened"},
                                                                       {"accept", "reject"},
                                                                       {"accepted", "rejected"},
                                                                       {"approve", "reject"},
                                                                       {"approved", "rejected"},
                                                                       {"allow", "ban"},
                                                                       {"allowed", "banned"},
                                                                       {"support", "oppose"},
                                                                       {"supported", "opposed"},
                                                                       {"buy", "sell"},
                                                                       {"bought", "sold"},
                                                                       {"open", "close"},
                                                                       {"opened", "closed"},
                                                                       {"start", "end"},
                                                                       {"started", "ended"},
                                                                       {"begin", "end"},
                                                                       {"arrive", "depart"},
                                                                       {"guilty", "innocent"},
                                                                       {"convicted", "acquitted"},
                                                                       {"north", "south"},
                                                                       {"east", "west"},
                                                                       {"northern", "southern"},
                                                                       {"eastern", "western"},
                                                                       {"male", "female"},
                                                                       {"man", "woman"},
                                                                       {"success", "failure"},
                                                                       {"succeeded", "failed"},
                                                                       {"positive", "negative"},
                                                                       {"maximum", "minimum"},
                                                                       {"expensive", "cheap"},
                                                                       {"early", "late"},
                                                                       {"fast", "slow"},
                                                                       {"agree", "disagree"},
                                                                       {"agreed", "refused"},
                                                                       {"agreed", "disagreed"},
                                                                       {"include", "exclude"},
                                                                       {"efficient", "inefficient"},
                                                                       {"general", "specific"},
                                                                       {"public", "private"},
                                                                       {"dead", "alive"},
                                                                       {"love", "hate"}};
constexpr std::pair<std::u32string_view, std::u32string_view> han_opposites[] = {
    {U"增加", U"减少"}, {U"增长", U"下降"}, {U"上升", U"下降"}, {U"上涨", U"下跌"},
    {U"提高", U"降低"}, {U"高于", U"低于"}, {U"盈利", U"亏损"}, {U"成功", U"失败"},
    {U"支持", U"反对"}, {U"同意", U"拒绝"}, {U"接受", U"拒绝"}, {U"批准", U"驳回"},
    {U"允许", U"禁止"}, {U"胜诉", U"败诉"}, {U"有罪", U"无罪"}, {U"买入", U"卖出"},
    {U"开始", U"结束"}, {U"扩大", U"缩小"}, {U"加强", U"削弱"}, {U"最高", U"最低"},
    {U"最大", U"最小"}, {U"以上", U"以下"}, {U"进口", U"出口"}, {U"男性", U"女性"},
    {U"改善", U"恶化"}, {U"领先", U"落后"}, {U"赢得", U"输掉"}, {U"公开", U"秘密"},
    {U"首次", U"再次"}};

// Words as the tokenizer hashes them: without a plural ending.
std::uint64_t stemmed(std::string_view word) {
  if (word.size() > 4 && word.ends_with('s') && !word.ends_with("ss")) word.remove_suffix(1);
  return word_hash(word);
}

class Table {
 public:
  Table() {
    mark(function_words, &WordInfo::function);
    mark(negation_words, &WordInfo::negation);
    mark(hedge_words, &WordInfo::hedge);
    mark(abbreviations, &WordInfo::abbreviation);
    for (const auto& [word, value] : values) entry(stemmed(word)).value = value;
    for (const auto& [word, scale] : scales) entry(stemmed(word)).scale = scale;
    for (const auto& [a, b] : opposites) oppose(stemmed(a), stemmed(b));
    for (const auto& [a, b] : han_opposites) oppose(hash_step(a[0], a[1]), hash_step(b[0], b[1]));
  }

  [[nodiscard]] const WordInfo& find(std::uint64_t hash) const noexcept {
    for (std::size_t slot = hash % slot_count;; slot = (slot + 1) % slot_count) {
      if (slots_[slot].hash == hash) return infos_[slots_[slot].info];
      if (slots_[slot].hash == 0) return infos_[0];
    }
  }

 private:
  static constexpr std::size_t slot_count = 2048;

  // Apart from what is known of the words, so that looking for one touches little memory.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t info = 0;
  };

  WordInfo& entry(std::uint64_t hash) {
    std::size_t slot = hash % slot_count;
    while (slots_[slot].hash != 0 && slots_[slot].hash != hash) slot = (slot + 1) % slot_count;
    if (slots_[slot].hash == 0) {
      slots_[slot] = {hash, static_cast<std::uint32_t>(infos_.size())};
      infos_.emplace_back();
    }
    return infos_[slots_[slot].info];
  }

  void mark(std::string_view words, bool WordInfo::*flag) {
    while (!words.empty()) {
      const std::size_t blank = words.find(' ');
      entry(stemmed(words.substr(0, blank))).*flag = true;
      words = blank == std::string_view::npos ? std::string_view{} : words.substr(blank + 1);
    }
  }

  void oppose(std::uint64_t a, std::uint64_t b) {
    if (entry(a).opposite == 0) entry(a).opposite = b;
    if (entry(b).opposite == 0) entry(b).opposite = a;
  }

  std::array<Slot, slot_count> slots_;
  std::vector<WordInfo> infos_{1};  // [0]: of all other words
};

}  // namespace

const WordInfo& word_info(std::uint64_t hash) noexcept {
  static const Table table;
  return table.find(hash);
}

}  // namespace menshen::detectors::scoring
