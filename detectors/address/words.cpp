#include "detectors/address/words.h"

#include "core/unicode.h"
#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace menshen::detectors::address {
namespace {

struct Row {
  unsigned classes;
  std::string_view words;
};

// clang-format off
constexpr std::array rows{
    Row{word_class::type,
        "street st road rd avenue ave av lane ln boulevard blvd terrace ter crescent cres "
        "highway hwy parkway pkwy turnpike expressway expwy expy freeway fwy mews esplanade "
        "crt gdns str strasse straße marg salai utca út tér körút sokak sokağı caddesi cad "
        "ulitsa stret streat"},
    Row{word_class::weak_type,
        "way drive dr court ct place pl square sq close gardens grove gr circle cir trail "
        "trl row walk alley cl plaza nagar chowk enclave colony wynd track rte route"},
    Row{word_class::weak_type | word_class::doubtful,
        "hill rise green park view quay parade pde promenade loop pike run bend ridge "
        "crossing path point pt pass trace cove cv commons landing mall bypass causeway glen "
        "hollow knoll wharf yard vale gate heights meadows center centre chase broadway "
        "bazar bazaar layout bridge spur oval mount boardwalk strand garth croft buildings"},
    Row{word_class::first_type | word_class::number_behind,
        "rue via viale piazza piazzale corso largo vicolo calle avenida avda paseo carrera "
        "carrer calzada carretera ctra camino ronda rua travessa praça praca alameda estrada "
        "rodovia ulica ul aleja plac jalan jln jl lorong strada bulevardul calea chemin "
        "allée allee quai impasse boulevard bd prospekt blok"},
    Row{word_class::first_type,
        "avenue av place plaza cours calle"},
    Row{word_class::road_number,
        "highway hwy route rte rt road county fm sr us interstate box"},
    Row{word_class::direction,
        "n s e w ne nw se sw north south east west northeast northwest southeast southwest"},
    Row{word_class::short_form,
        "st rd av ave ln blvd hwy pkwy dr ct pl sq gr cir trl pde pt cv bldg ste apt ter "
        "cres crt cl rt rte str bd n s e w no fl rm ctr tér"},
    Row{word_class::last_type,
        "straße strasse str platz gate gata utca út tér körút sokak sokağı caddesi cad "
        "ulitsa plads plein prospekt väg"},
    Row{word_class::particle,
        "de da do dos das di del della dei du des la le les van von der den dem of the am an "
        "zur zum auf y e i san st sta santa al el d l aux et"},
    Row{word_class::unit,
        "apt apartment suite ste unit flat floor fl room rm building bldg lot level block "
        "tower shop office no nr house door plot studio penthouse ph villa space trailer "
        "trlr hangar sector phase wing"},
    Row{word_class::state,
        "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv "
        "nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr gu vi ab bc "
        "mb nb nl ns nt nu on pe qc sk yt nsw vic qld act tas aa ae ap"},
    Row{word_class::state_name,
        "alabama alaska arizona arkansas california colorado connecticut delaware florida "
        "georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland "
        "massachusetts michigan minnesota mississippi missouri montana nebraska nevada "
        "hampshire jersey mexico york carolina dakota ohio oklahoma oregon pennsylvania "
        "tennessee texas utah vermont virginia washington wisconsin wyoming ontario quebec "
        "alberta manitoba saskatchewan victoria queensland tasmania maharashtra karnataka "
        "kerala gujarat rajasthan telangana punjab haryana bihar"},
    Row{word_class::country,
        "usa us uk england scotland wales ireland canada australia india germany deutschland "
        "france spain españa italy italia netherlands nederland belgium austria österreich "
        "switzerland schweiz suisse sweden sverige norway norge denmark danmark finland "
        "suomi poland polska portugal brazil brasil mexico méxico japan china singapore "
        "malaysia indonesia philippines greece turkey israel argentina chile colombia peru "
        "zealand africa kingdom states america czechia republic hungary romania iceland "
        "luxembourg bulgaria croatia serbia slovenia slovakia estonia latvia lithuania "
        "ukraine russia egypt morocco algeria tunisia nigeria kenya ghana ethiopia tanzania "
        "uganda cameroon senegal thailand vietnam cambodia laos myanmar bangladesh pakistan "
        "nepal iran iraq qatar kuwait bahrain oman jordan lebanon syria yemen emirates "
        "kazakhstan uzbekistan mongolia korea taiwan malta cyprus albania macedonia bosnia "
        "montenegro kosovo moldova belarus armenia azerbaijan cuba jamaica haiti bahamas "
        "barbados trinidad panama nicaragua honduras guatemala salvador belize ecuador "
        "bolivia paraguay uruguay venezuela guyana suriname fiji samoa tonga vanuatu "
        "madagascar mauritius mozambique zambia zimbabwe botswana namibia angola congo gabon "
        "benin togo mali niger chad sudan somalia rwanda burundi malawi lesotho swaziland "
        "eswatini liberia guinea gambia"},
    Row{word_class::no_place,
        "i he she we they it the this that these those there here but and or so if when "
        "while where who what which my your his her our their please thanks thank dear hello "
        "hi yes no not is are was were can could will would at on in to for from by with mr "
        "mrs ms tel phone fax email attn re you then also as after before since phones "
        "mobile call contact monday tuesday wednesday thursday friday saturday sunday "
        "january february march april june july august september october november december"},
    Row{word_class::counted,
        "figure fig section sec chapter table step version page part line item phase volume "
        "vol act title article rule clause day week top over question exercise example "
        "appendix paragraph note release stage grade class group season episode round level "
        "type test case option column row number issue bug error code port revision rev v "
        "ver lines pages chapters channel track layer slide"},
};
// clang-format on

const std::unordered_map<std::string_view, unsigned>& known_words() {
  static const std::unordered_map<std::string_view, unsigned> all = [] {
    std::unordered_map<std::string_view, unsigned> made;
    for (const Row& row : rows) {
      std::string_view rest = row.words;
      while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        made[word] |= row.classes;
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      }
    }
    return made;
  }();
  return all;
}

constexpr std::size_t word_characters_max = 32;

bool is_letter(char32_t c) noexcept {
  return is_ascii_letter(c) || (c >= 0xAA && !is_han(c) && core::has_any(c, core::fact::letter));
}

bool joins(char32_t c) noexcept { return c == U'\'' || c == U'’' || c == U'-' || c == U'.'; }

void classify(const Text& text, Word& word) {
  word.capitals = true;
  for (std::size_t i = word.begin; i < word.end; ++i) {
    const char32_t c = text.at(i);
    const char32_t folded = core::simple_fold(c);
    const bool capital = folded != c;
    if (i == word.begin) word.capital = capital;
    if (!capital && is_letter(c)) word.capitals = false;
    if (c != U'.') core::append_utf8(word.folded, folded);
  }
  word.classes = classes_of(word.folded);
}

}  // namespace

unsigned classes_of(std::string_view folded) noexcept {
  const auto found = known_words().find(folded);
  return found == known_words().end() ? 0 : found->second;
}

void for_each_word(unsigned classes, const std::function<void(std::string_view)>& use) {
  for (const auto& [word, of] : known_words()) {
    if ((of & classes) != 0) use(word);
  }
}

Word word_at(const Text& text, std::size_t i) {
  Word word{.begin = i, .end = i, .after = i};
  if (is_decimal(text.at(i))) {
    std::size_t end = i;
    while (is_decimal(text.at(end)) && end - i < 4) ++end;
    const char32_t c = text.at(end) | 0x20U;
    const char32_t d = text.at(end + 1) | 0x20U;
    const bool ordinal = (c == U's' && d == U't') || (c == U'n' && d == U'd') ||
                         (c == U'r' && d == U'd') || (c == U't' && d == U'h');
    if (!ordinal || is_letter(text.at(end + 2))) return word;
    word.end = word.after = end + 2;
    word.ordinal = word.capital = true;
    return word;
  }
  std::size_t end = i;
  while (end - i < word_characters_max) {
    const char32_t c = text.at(end);
    if (!is_letter(c) && !(end > i && joins(c) && is_letter(text.at(end + 1)))) break;
    ++end;
  }
  if (end - i == word_characters_max || is_decimal(text.at(end))) return word;
  word.end = word.after = end;
  if (end == i) return word;
  if (text.at(end) == U'.') word.after = end + 1;
  classify(text, word);
  return word;
}

Word word_before(const Text& text, std::size_t i) {
  std::size_t end = i;
  if (text.is_open(end) && text.at(end - 1) == U'.') --end;
  std::size_t begin = end;
  while (text.is_open(begin) && end - begin < word_characters_max &&
         (is_letter(text.at(begin - 1)) || (begin < end && joins(text.at(begin - 1))))) {
    --begin;
  }
  while (begin < end && joins(text.at(begin))) ++begin;
  Word word{.begin = begin, .end = end, .after = i};
  if (begin < end) classify(text, word);
  return word;
}

float street_ending(std::string_view folded) noexcept {
  struct Ending {
    std::string_view text;
    float sure;
  };
  constexpr std::array<Ending, 27> endings{{
      {"strasse", .7F}, {"straße", .7F}, {"straat", .7F}, {"gatan", .65F}, {"vägen", .65F},
      {"gasse", .65F},  {"allee", .6F},  {"str", .55F},   {"platz", .55F}, {"laan", .55F},
      {"gade", .55F},   {"vejen", .6F},  {"veien", .6F},  {"gata", .6F},   {"katu", .6F},
      {"weg", .5F},     {"vej", .5F},    {"plein", .5F},  {"gracht", .6F}, {"kade", .5F},
      {"dijk", .45F},   {"ufer", .5F},   {"damm", .5F},   {"vegur", .5F},  {"gate", .4F},
      {"tie", .4F},     {"singel", .5F},
  }};
  constexpr std::size_t name_bytes_min = 3;
  for (const Ending& ending : endings) {
    if (folded.size() >= ending.text.size() + name_bytes_min && folded.ends_with(ending.text)) {
      return ending.sure;
    }
  }
  return 0;
}

}  // namespace menshen::detectors::address
