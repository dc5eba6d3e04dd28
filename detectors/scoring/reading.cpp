#include "detectors/scoring/reading.h"

#include "detectors/bias/bias.h"
#include "detectors/injection/injection.h"
#include "detectors/toxicity/toxicity.h"

#include <algorithm>

namespace menshen::detectors::scoring {
namespace {

constexpr std::uint32_t quote_bytes_max = 400;
constexpr std::size_t overlapping_max = 4;
constexpr std::size_t keep_hits_max = 16 * 1024;

constexpr TermRow shared_rows[] = {
    {exempt, 0,
     "黑人牙膏|黑人抬棺|白痴造句|杀死进程|杀死那个|杀进程|笨鸟先飞|"
     "垃圾分类|垃圾桶|垃圾回收|垃圾邮件|垃圾箱|垃圾袋|垃圾处理|"
     "垃圾场|厨余垃圾|生活垃圾|建筑垃圾|可回收垃圾|有害垃圾|丢垃圾|"
     "倒垃圾|扔垃圾|畜生道|狗粮|热狗|脑残粉|kill the process|kill a process|"
     "kill process*|killer whale*|garbage collect*|garbage truck*|trash can*|dick van dyke|"
     "moby dick|pussy willow*|cock and bull|peacock*|cocktail*|scunthorpe|shiitake|killing time|"
     "kill time|dumb waiter|dumb down|dumb terminal|dummy variable*|crazy about|spam folder|"
     "master/slave|white trash can|black list*|black box*|black friday|black hole*|white paper*|"
     "white board*|父女拳|恶心呕吐|恶心想吐|出现恶心|白皮书|黑名单|黑洞|"
     "黑板|黑客松|男主角|女主角|女主人公"},
    {negation, 0,
     "not|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|never|no|without|can't|cannot|"
     "shouldn't|won't|isnt|arent|dont|doesnt|neither|nor|hardly|false that|untrue|wrong to say|"
     "wrong to think|myth|不是|并不是|并非|不会|没有|不要|不能|别|从不|绝非|"
     "不应该|不应|不得|无法|未必|不代表|不等于|谁说|不对"},
    {mention, 0,
     "the word|the term|slur|slurs|stereotype*|prejudice*|racist|racism|sexist|sexism|"
     "homophobi*|transphobi*|bigot*|offensive to|insult that|called me|calls me|called him|"
     "called her|call people|calling people|discriminat*|hate speech|offensive term*|derogatory|"
     "misconception*|it is wrong|portrayed as|perceived as|is an insult|identify as|"
     "hate against|hate toward*|violence against|attacks against|attacks on|abuse of|"
     "misogynistic|misogyny|is a myth|quote|quoted|unacceptable|condemn*|anti-semitism|"
     "islamophobi*|hateful|偏见|刻板印象|这个词|一词|骂人的话|脏话|辱骂|"
     "称呼|误解|谣言|反对歧视|拒绝歧视|抵制歧视|不该歧视|仇恨言论|"
     "侮辱性"},
    {teaching, 0,
     "explain|what is|what are|what does|what do|how does|how do i prevent|how can i prevent|"
     "prevent*|detect*|defend*|mitigat*|protect against|definition of|meaning of|example of|"
     "examples of|difference between|paper on|article about|research on|translate|classify|"
     "summari*|解释|什么是|是什么意思|如何防止|如何防范|怎么防|防范|"
     "防御|检测|识别|含义|定义|举例说明|翻译|的区别|科普|论文|分类"},
};

}  // namespace

const TermMatcher& all_terms() {
  static const TermMatcher matcher{std::array<Lexicon, 4>{{{Scope::shared, shared_rows},
                                                           {Scope::injection, injection_lexicon()},
                                                           {Scope::toxicity, toxicity_lexicon()},
                                                           {Scope::bias, bias_lexicon()}}}};
  return matcher;
}

core::Result<void> Reading::assign(std::string_view raw) {
  hits_.clear();
  if (auto made = view_.assign(raw); !made) return made.error();
  all_terms().find(view_.text, hits_);
  drop_exempt();
  find_sentences();
  find_quotes();
  return {};
}

void Reading::drop_exempt() {
  exempt_.clear();
  for (const Hit& hit : hits_) {
    if (hit.scope == Scope::shared && hit.cls == exempt) exempt_.push_back({hit.begin, hit.end});
  }
  if (exempt_.empty()) return;
  std::size_t next = 0;
  std::erase_if(hits_, [&](const Hit& hit) {
    while (next < exempt_.size() && exempt_[next].end < hit.end) ++next;
    const std::size_t last = std::min(next + overlapping_max, exempt_.size());
    for (std::size_t i = next; i < last; ++i) {
      if (exempt_[i].begin <= hit.begin) return true;
    }
    return false;
  });
}

void Reading::find_sentences() {
  sentences_.clear();
  const std::span<const Hit> all = hits_;
  for (std::size_t first = 0; first < all.size();) {
    const auto end = static_cast<std::uint32_t>(view_.sentence_end(all[first].end - 1));
    std::size_t last = first + 1;
    while (last < all.size() && all[last].end <= end) ++last;
    sentences_.push_back({all[first].begin, end, all.subspan(first, last - first)});
    first = last;
  }
}

void Reading::find_quotes() {
  quotes_.clear();
  const std::string_view text = view_.text;
  std::uint32_t open = Trail::never;
  for (const std::uint32_t at : view_.marks()) {
    const char c = text[at];
    const std::string_view rest = text.substr(at, 3);
    const bool either = c == '"' || c == '`';
    const bool opens = rest == "“" || rest == "「" || rest == "『";
    const bool closes = rest == "”" || rest == "」" || rest == "』";
    if (!either && !opens && !closes) continue;
    if (open != Trail::never && (closes || either)) {
      if (at - open <= quote_bytes_max) quotes_.push_back({open, at});
      open = Trail::never;
    } else if (!closes) {
      open = at;
    }
  }
}

bool Reading::quoted(const Hit& hit) const noexcept {
  const auto after = std::ranges::upper_bound(quotes_, hit.begin, {}, &Span::begin);
  return after != quotes_.begin() && std::prev(after)->end >= hit.end;
}

void Reading::trim() {
  view_.trim();
  if (hits_.capacity() > keep_hits_max) std::vector<Hit>().swap(hits_);
  if (sentences_.capacity() > keep_hits_max) std::vector<Sentence>().swap(sentences_);
  if (quotes_.capacity() > keep_hits_max) std::vector<Span>().swap(quotes_);
}

}  // namespace menshen::detectors::scoring
