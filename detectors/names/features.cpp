#include "detectors/names/features.h"

#include "core/utf8.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace menshen::detectors::names {
namespace {

namespace shapes {
enum : std::uint8_t {
  lower,
  initial,  // Smith
  capital,  // J
  capitals,
  mixed,    // iPhone, McCoy
  letters,  // of a script without case, or that begin with one beyond ASCII
  digit,
  digits,
  han,
  syllable,  // kana, hangul
  mark,
  edge,
};
}  // namespace shapes

constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }

constexpr bool is_cased(std::uint8_t shape) noexcept {
  return shape >= shapes::initial && shape <= shapes::letters;
}

std::uint8_t shape_of_word(std::string_view word) {
  if ((word[0] & '\x80') != 0) return shapes::letters;
  const auto upper = std::ranges::count_if(word, is_upper);
  const auto lower = std::ranges::count_if(word, is_lower);
  if (upper == 0) return shapes::lower;
  if (word.size() == 1) return shapes::capital;
  if (lower == 0) return shapes::capitals;
  return is_upper(word[0]) && upper == 1 ? shapes::initial : shapes::mixed;
}

std::uint8_t shape_of(std::string_view text, TokenKind kind) {
  switch (kind) {
    case TokenKind::word: return shape_of_word(text);
    case TokenKind::number: return text.size() == 1 ? shapes::digit : shapes::digits;
    case TokenKind::character: {
      const char32_t c = core::utf8_at(text, 0).point;
      const bool syllable = (c >= 0x3040 && c < 0x3400) || (c >= 0xAC00 && c < 0xD7B0);
      return syllable ? shapes::syllable : shapes::han;
    }
    case TokenKind::mark: return shapes::mark;
  }
  return shapes::mark;
}

constexpr std::uint8_t touches_before = 1;
constexpr std::uint8_t touches_behind = 2;

// Marks that stand within names: O'Brien, J. R., Smith-Jones, AT&T, 阿卜杜拉·买买提 (whose dot
// shows as a full stop).
bool joins(std::string_view mark) {
  return mark == "." || mark == "-" || mark == "'" || mark == "&" || mark == "’" || mark == "‘" ||
         mark == "·";
}

constexpr std::uint64_t combined(std::uint64_t a, std::uint64_t b) noexcept {
  return (a ^ (b * 0x9E3779B97F4A7C15ULL + (b >> 29U))) * 0xD6E8FEB86659FD93ULL;
}

}  // namespace

// Adds features by the number of their template.
class Forms::Adder {
 public:
  explicit Adder(Features& out) : out_(out) { out.size = 0; }
  void operator()(std::uint64_t value) { add(value); }
  void operator()(std::uint64_t a, std::uint64_t b) { add(combined(a, b)); }
  void operator()(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    add(combined(combined(a, b), c));
  }

 private:
  void add(std::uint64_t value) {
    const std::uint64_t h = mixed(combined(value, ++template_));
    out_.buckets[out_.size++] = static_cast<std::uint32_t>(h >> (64U - bucket_bits));
  }

  Features& out_;
  std::uint64_t template_ = 0;
};

// J. and Inc. keep their full stop.
bool Forms::abbreviates(const Form& form) noexcept {
  return form.shape == shapes::capital || (form.lexicon & lexicon_class::organisation) != 0;
}

const Forms::Form& Forms::at(std::size_t token, int offset) const noexcept {
  if (offset < 0 && token < static_cast<std::size_t>(-offset)) return before_;
  const std::size_t i = token + static_cast<std::size_t>(offset);
  return i < forms_.size() ? forms_[i] : behind_;
}

void Forms::assign(const TokenWindow& window, const Knowledge& known) {
  forms_.assign(window.tokens.size(), {});
  before_.hash = window.begins_sentence ? 1 : 2;
  behind_.hash = window.ends_sentence ? 3 : 4;
  before_.shape = behind_.shape = shapes::edge;
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    Form& form = forms_[i];
    const std::string_view text = window.text_of(i);
    form.kind = window.tokens[i].kind;
    form.shape = shape_of(text, form.kind);
    if (form.kind != TokenKind::word) {
      form.hash = hash_of(text);
    } else {
      lower_.assign(text);
      for (char& c : lower_) c = is_upper(c) ? static_cast<char>(c | 0x20) : c;
      form.hash = hash_of(lower_);
      const std::string_view low = lower_;
      form.head = hash_of(low.substr(0, 3));
      form.tail = hash_of(low.substr(low.size() - std::min<std::size_t>(3, low.size())));
      form.short_tail = hash_of(low.substr(low.size() - std::min<std::size_t>(2, low.size())));
    }
    if (i > 0 && window.tokens[i - 1].end == window.tokens[i].begin) {
      form.touches |= touches_before;
      forms_[i - 1].touches |= touches_behind;
    }
    if (form.kind == TokenKind::number || form.kind == TokenKind::mark) continue;
    form.lexicon = known.lexicon.classes_of(form.hash);
    form.group = known.groups.classes_of(
        form.shape == shapes::lower || form.kind != TokenKind::word ? form.hash : hash_of(text));
  }
  note_words(window, known.lexicon);
  note_may(window);
}

// Words of the lexicon that are of several tokens: characters that touch, words that a blank parts.
void Forms::note_words(const TokenWindow& window, const Lexicon& lexicon) {
  const auto goes_on = [&](std::size_t i, TokenKind kind) {
    const std::size_t gap = window.tokens[i].begin - window.tokens[i - 1].end;
    return forms_[i].kind == kind && gap == (kind == TokenKind::word ? 1U : 0U);
  };
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    const TokenKind kind = forms_[i].kind;
    if (kind != TokenKind::character && !is_cased(forms_[i].shape)) continue;
    std::uint64_t hash = forms_[i].hash;
    for (std::size_t n = 2; n <= lexicon_tokens_max; ++n) {
      const std::size_t last = i + n - 1;
      if (last >= forms_.size() || !goes_on(last, kind)) break;
      hash = joined_hash(hash, forms_[last].hash);
      const std::uint16_t classes = lexicon.classes_of(hash);
      if (classes == 0) continue;
      forms_[i].word_from = hash;
      // The longest comes first.
      if (forms_[last].word_to == 0) forms_[last].word_to = hash;
      const auto known = static_cast<std::uint16_t>(classes | (n << 12U));
      forms_[i].starts = known;
      forms_[last].ends = known;
      for (std::size_t k = i + 1; k < last; ++k) forms_[k].inside = known;
    }
  }
}

// Tokens that may be part of a name: characters, what is written large, what the lexicon knows of
// names and not of everyday; and what joins these.
void Forms::note_may(const TokenWindow& window) {
  constexpr std::uint16_t of_names =
      lexicon_class::given | lexicon_class::surname | lexicon_class::place;
  const auto is_particle = [](const Form& form) {
    return form.shape == shapes::lower && (form.lexicon & lexicon_class::particle) != 0;
  };
  for (Form& form : forms_) {
    const bool known = form.kind == TokenKind::word && (form.lexicon & of_names) != 0 &&
                       (form.lexicon & lexicon_class::word) == 0;
    form.begins = form.kind == TokenKind::character || is_cased(form.shape) || known;
    form.may = form.begins;
  }
  for (std::size_t i = 0; i < forms_.size(); ++i) {
    Form& form = forms_[i];
    if (form.may) continue;
    const bool behind = i > 0 && forms_[i - 1].may;
    const std::string_view text = window.text_of(i);
    if (form.kind == TokenKind::mark) {
      form.may = behind && joins(text);
    } else if (form.kind == TokenKind::word) {
      // Kwok Wai-keung; Ludwig van Beethoven
      const bool hyphened =
          behind && (form.touches & touches_before) != 0 && forms_[i - 1].kind == TokenKind::mark;
      form.may = hyphened || (behind && is_particle(form));
    } else {
      form.may = behind && (form.touches & touches_before) != 0;  // M18
    }
  }
  for (std::size_t i = forms_.size(); i-- > 0;) {
    Form& form = forms_[i];
    const Form& next = at(i, 1);
    if (!form.may && is_particle(form) && next.may) {
      form.may = form.begins = true;  // de la Cruz, al-Sadr
    } else if (form.may && !form.begins && !next.may && form.kind != TokenKind::number &&
               (form.kind == TokenKind::mark || is_particle(form))) {
      form.may = window.text_of(i) == "." && abbreviates(forms_[i - 1]);
    }
  }
}

void Forms::features_of(std::size_t token, Features& out) const {
  const Form& f = forms_[token];
  const Form& l = at(token, -1);
  const Form& ll = at(token, -2);
  const Form& r = at(token, 1);
  const Form& rr = at(token, 2);
  Adder add(out);
  add(f.hash);
  add(l.hash);
  add(r.hash);
  add(ll.hash);
  add(rr.hash);
  add(l.hash, f.hash);
  add(f.hash, r.hash);
  add(l.hash, r.hash);
  add(l.shape, combined(f.shape, f.touches), r.shape);
  add(f.lexicon, f.shape);
  add(l.lexicon, f.lexicon, l.shape);
  add(f.lexicon, r.lexicon, r.shape);
  add(f.shape, l.hash);
  add(f.shape, r.hash);
  add(f.group, f.shape);
  add(l.group, f.shape);
  add(r.group, f.shape);
  add(l.group, f.group);
  add(f.group, r.group);
  if (f.kind == TokenKind::character) {
    add_of_character(token, add);
  } else {
    add_of_word(token, add);
  }
}

void Forms::add_of_character(std::size_t token, Adder& add) const {
  const Form& f = forms_[token];
  const Form& l = at(token, -1);
  const Form& ll = at(token, -2);
  const Form& r = at(token, 1);
  const Form& rr = at(token, 2);
  add(ll.hash, l.hash);
  add(r.hash, rr.hash);
  add(l.hash, f.hash, r.hash);
  add(f.starts, f.ends, f.inside);
  add(l.ends, f.starts);
  add(f.ends, r.starts);
  add(f.starts, r.starts, rr.starts);
  add(ll.hash, l.hash, f.hash);
  add(f.hash, r.hash, rr.hash);
  add(combined(l.lexicon, f.lexicon), r.lexicon, rr.lexicon);
  add(combined(ll.lexicon, l.lexicon), f.lexicon, r.lexicon);
  add(f.lexicon, r.lexicon, combined(r.starts, rr.starts));
  add(f.lexicon, l.ends, r.hash);
  add(l.word_to, f.lexicon);
  add(r.word_from, f.lexicon);
  add(f.word_from);
  add(f.word_to);
  add(l.word_to, f.starts);
  add(f.ends, r.word_from);
}

void Forms::add_of_word(std::size_t token, Adder& add) const {
  const Form& f = forms_[token];
  const Form& l = at(token, -1);
  const Form& ll = at(token, -2);
  const Form& r = at(token, 1);
  const Form& rr = at(token, 2);
  add(f.starts, f.ends, f.inside);
  add(l.ends, f.shape, f.starts);
  add(f.head);
  add(f.tail);
  add(f.short_tail);
  add(f.head, f.shape, l.shape);
  add(f.tail, f.shape, r.shape);
  add(combined(ll.shape, l.shape), f.shape, combined(r.shape, rr.shape));
  add(ll.hash, l.hash);
  add(r.hash, rr.hash);
  add(ll.group, l.group, f.shape);
  add(f.shape, r.group, rr.group);
  add(combined(l.lexicon, l.shape), f.shape, combined(r.lexicon, r.shape));
  add(combined(ll.lexicon, l.lexicon), f.lexicon, combined(r.lexicon, rr.lexicon));
}

}  // namespace menshen::detectors::names
