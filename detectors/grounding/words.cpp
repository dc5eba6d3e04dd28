#include "detectors/grounding/words.h"

#include "detectors/grounding/tokens.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace menshen::detectors::scoring {
namespace {

using Set = std::unordered_set<std::uint64_t>;
using Map = std::unordered_map<std::uint64_t, double>;

// Words as the tokenizer hashes them: without a plural ending.
std::uint64_t stemmed(std::string_view word) {
  if (word.size() > 4 && word.ends_with('s') && !word.ends_with("ss")) word.remove_suffix(1);
  return word_hash(word);
}

Set set_of(std::string_view words) {
  Set set;
  while (!words.empty()) {
    const std::size_t blank = words.find(' ');
    set.insert(stemmed(words.substr(0, blank)));
    words = blank == std::string_view::npos ? std::string_view{} : words.substr(blank + 1);
  }
  return set;
}

Map map_of(std::initializer_list<std::pair<std::string_view, double>> words) {
  Map map;
  for (const auto& [word, value] : words) map.emplace(stemmed(word), value);
  return map;
}

double found(const Map& map, std::uint64_t hash) {
  const auto at = map.find(hash);
  return at == map.end() ? 0 : at->second;
}

}  // namespace

bool is_function_word(std::uint64_t hash) noexcept {
  static const Set words = set_of(
      "a an the and or but nor so yet if then else than that this these those there here it its itself he him his "
      "himself she her hers herself they them their theirs themselves we us our ours i me my mine you your yours "
      "who whom whose which what when where why how is am are was were be been being do does did done doing have "
      "has had having will would shall should can could may might must ought to of in on at by for with from into "
      "onto about above across after against along among around as before behind below beneath beside between "
      "beyond during except inside like near off out outside over past per since through throughout toward towards "
      "under until up upon via within without not no never none neither also too very just only even still already "
      "again ever often always sometimes usually such same other another each every either both all any some many "
      "much more most less least few several own now today however therefore thus hence while because although "
      "though unless whether well really quite rather mr mrs ms dr said says say according including dont doesnt "
      "didnt isnt arent wasnt werent cant couldnt wont wouldnt im ive id ill youre theyre hes shes thats lets");
  return words.contains(hash);
}

bool is_function_han(char32_t c) noexcept {
  static constexpr std::u32string_view chars =
      U"的了是在和与及或也都而就还又被把将对从向以于为有个之其这那他她它们我你您吗呢吧啊呀着过地得等所并但则由中上下里";
  return chars.find(c) != std::u32string_view::npos;
}

bool is_abbreviation(std::uint64_t hash) noexcept {
  static const Set words = set_of(
      "mr mrs ms dr prof st jr sr inc corp co ltd vs etc no vol fig gen gov sen rep rev jan feb mar apr jun jul aug "
      "sep sept oct nov dec approx est dept");
  return words.contains(hash);
}

bool is_negation_word(std::uint64_t hash) noexcept {
  static const Set words = set_of(
      "not no never none neither nor cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt couldnt "
      "shouldnt hasnt havent hadnt without nobody nothing");
  return words.contains(hash);
}

bool is_hedge_word(std::uint64_t hash) noexcept {
  static const Set words = set_of("about around nearly almost approximately roughly over under some");
  return words.contains(hash);
}

double number_word(std::uint64_t hash) noexcept {
  static const Map words = map_of(
      {{"two", 2}, {"three", 3}, {"four", 4}, {"five", 5}, {"six", 6}, {"seven", 7}, {"eight", 8}, {"nine", 9},
       {"ten", 10}, {"eleven", 11}, {"twelve", 12}, {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15},
       {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20}, {"thirty", 30},
       {"forty", 40}, {"fifty", 50}, {"sixty", 60}, {"seventy", 70}, {"eighty", 80}, {"ninety", 90}});
  return found(words, hash);
}

double scale_word(std::uint64_t hash) noexcept {
  static const Map words = map_of(
      {{"hundred", 1e2}, {"thousand", 1e3}, {"million", 1e6}, {"billion", 1e9}, {"trillion", 1e12}, {"k", 1e3},
       {"m", 1e6}, {"mn", 1e6}, {"bn", 1e9}, {"b", 1e9}, {"percent", percent_scale}, {"pct", percent_scale}});
  return found(words, hash);
}

}  // namespace menshen::detectors::scoring
