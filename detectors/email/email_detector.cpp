#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/context.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

constexpr core::FindingType type{"email",
                                 core::Category::pii,
                                 "EMAIL",
                                 "Address with a domain that has a plausible top level (0.95). "
                                 "Known false positives: package versions and "
                                 "file names that look alike.",
                                 {core::FindingClass::hipaa_f}};

constexpr std::size_t local_bytes_max = 64;    // RFC 5321 section 4.5.3.1
constexpr std::size_t domain_bytes_max = 190;  // so that a match stays under match_bytes_max
constexpr std::size_t label_bytes_max = 63;

bool is_letter_byte(char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; }
// The first byte of an ideograph.
bool begins_han(char c) {
  return static_cast<unsigned char>(c) >= 0xE4 && static_cast<unsigned char>(c) <= 0xE9;
}
bool is_local(char c) {
  return is_alnum(c) || is_letter_byte(c) ||
         std::string_view("._%+-'").find(c) != std::string_view::npos;
}
bool is_domain(char c) { return is_alnum(c) || is_letter_byte(c) || c == '-' || c == '.'; }

// Endings of file names and of systemd's units: `logo@2x.png`, `user@1000.service` are no
// addresses.
bool is_file_ending(std::string_view label) {
  static constexpr std::array<std::string_view, 47> endings{
      "service", "socket", "timer", "target", "mount", "slice", "scope", "device", "path", "png",
      "jpg",     "jpeg",   "gif",   "svg",    "webp",  "bmp",   "ico",   "pdf",    "json", "yaml",
      "yml",     "xml",    "html",  "htm",    "css",   "js",    "ts",    "jsx",    "tsx",  "txt",
      "csv",     "log",    "exe",   "dll",    "jar",   "tar",   "gz",    "tgz",    "mp3",  "mp4",
      "wav",     "doc",    "docx",  "xls",    "xlsx",  "woff",  "ttf"};
  return std::ranges::any_of(
      endings, [label](std::string_view ending) { return equal_ignoring_case(label, ending); });
}

// "LwfT" is a part of noise, "Com" and "COM" are not.
bool has_inner_capital(std::string_view label) {
  for (std::size_t i = 1; i < label.size(); ++i) {
    if (is_upper(label[i]) && is_lower(label[i - 1])) return true;
  }
  return false;
}

bool is_top_level(std::string_view label) {
  if (label.size() < 2 || label.size() > 24 || is_file_ending(label)) return false;
  if (has_inner_capital(label)) return false;
  return std::ranges::all_of(label, is_letter_byte) || label.starts_with("xn--");
}

// "18.2.0-beta.rc", "1.alpha": what a package has behind its '@'.
bool is_version(std::string_view domain) {
  static constexpr std::array<std::string_view, 10> stages{
      "alpha", "beta", "rc", "pre", "next", "canary", "snapshot", "final", "release", "latest"};
  const std::size_t dot = domain.find('.');
  if (dot == domain.npos || !std::ranges::all_of(domain.substr(0, dot), is_digit)) return false;
  const std::string_view second = domain.substr(dot + 1);
  const std::string_view last = domain.substr(domain.rfind('.') + 1);
  return is_digit(second.front()) || std::ranges::find(stages, last) != stages.end();
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' &&
         label.back() != '-';
}

// "wei@example.com.Regards, Wei": the next sentence, without a blank.
bool begins_sentence(std::string_view top_level, std::string_view label) {
  static constexpr std::array<std::string_view, 8> common{"com", "net", "org",  "edu",
                                                          "gov", "io",  "info", "biz"};
  const bool usual = top_level.size() == 2 ? std::ranges::all_of(top_level, is_lower)
                                           : std::ranges::find(common, top_level) != common.end();
  return usual && label.size() > 1 && is_upper(label[0]) && is_lower(label[1]);
}

// The longest valid domain at the start of `text`: labels are dropped from its end until a top
// level is there.
std::string_view domain_of(std::string_view text) {
  const auto stop = std::ranges::find_if_not(text.substr(0, domain_bytes_max), is_domain);
  std::string_view domain = text.substr(0, static_cast<std::size_t>(stop - text.begin()));
  while (domain.ends_with('-') || domain.ends_with('.')) domain.remove_suffix(1);
  std::size_t valid = 0;
  std::size_t last = 0;  // where the last label of the valid domain begins
  std::size_t labels = 0;
  for (std::size_t from = 0; from < domain.size();) {
    const std::size_t to = std::min(domain.find('.', from), domain.size());
    const std::string_view label = domain.substr(from, to - from);
    if (!is_label(label)) break;
    if (valid > 0 && valid + 1 == from &&
        begins_sentence(domain.substr(last, valid - last), label)) {
      break;
    }
    // "@例子.com联系我": the sentence goes on behind a top level of letters.
    const auto han = std::ranges::find_if(label, begins_han);
    if (is_letter(label.front()) && han != label.end()) {
      const std::string_view letters =
          label.substr(0, static_cast<std::size_t>(han - label.begin()));
      return domain.substr(0, labels > 0 && is_top_level(letters) ? from + letters.size() : valid);
    }
    if (++labels >= 2 && is_top_level(label)) {
      valid = to;
      last = from;
    }
    from = to + 1;
  }
  return domain.substr(0, valid);
}

// user@host and user:password@host in a URL: no name that begins behind a path's slash, which a
// password may hold, but for the one behind a port.
bool is_userinfo(std::string_view before) {
  const std::size_t scheme = before.rfind("://");
  if (scheme == before.npos) return false;
  const std::string_view authority = before.substr(scheme + 3);
  const std::size_t slash = authority.find('/');
  if (slash == authority.npos) return true;
  const std::size_t colon = authority.substr(0, slash).find(':');
  if (colon == authority.npos) return false;
  const std::string_view port = authority.substr(colon + 1, slash - colon - 1);
  return port.empty() || !std::ranges::all_of(port, is_digit);
}

// Where a shell goes: "root@db01.corp:/var", "git@github.com:org/repo", "ssh deploy@db.corp".
bool is_login(const Window& window, std::size_t begin, std::string_view local, std::size_t end) {
  static constexpr std::array<std::string_view, 7> accounts{"git", "hg",     "svn",     "root",
                                                            "ssh", "ubuntu", "ec2-user"};
  static constexpr std::array<std::string_view, 6> commands{"ssh",  "scp",   "sftp",
                                                            "mosh", "rsync", "ssh-copy-id"};
  if (window.at(end) == ':') {
    const char first = window.at(end + 1);
    if (first == '/' || first == '~') return true;
    if (is_alnum(first) && std::ranges::find(accounts, local) != accounts.end()) return true;
  }
  std::string_view line = window.context(begin);
  line.remove_prefix(line.rfind('\n') + 1);  // npos + 1 is 0
  const std::size_t command = last_word(line, commands);
  return command != no_word && command < line.size() && line[command] == ' ' &&
         line.find_first_of("\"'`;|&,", command) == line.npos;
}

bool names_no_mailbox(const Window& window, std::size_t begin, std::string_view local,
                      std::size_t end) {
  const char before = begin > 0 ? window.text[begin - 1] : ' ';
  if (before == '$' || local.ends_with('%')) return true;  // a variable
  return is_userinfo(window.text.substr(window.run_begin, begin - window.run_begin)) ||
         is_login(window, begin, local, end);
}

// Ideographs before '@': a name, or words of the sentence, which end with one of these.
std::string_view name_in(std::string_view han) {
  static constexpr std::array<std::string_view, 26> words{
      "邮箱", "郵箱", "邮件", "郵件", "信箱", "电邮", "電郵", "地址", "账号",
      "联系", "聯繫", "咨询", "发到", "发往", "发送", "寄到", "抄送", "转发",
      "回复", "给",   "給",   "是",   "为",   "為",   "到",   "至"};
  std::size_t begin = 0;
  for (const std::string_view word : words) {
    const std::size_t at = han.rfind(word);
    if (at != han.npos) begin = std::max(begin, at + word.size());
  }
  constexpr std::size_t name_bytes_max = 4 * 3;
  han.remove_prefix(begin);
  return han.size() > name_bytes_max ? han.substr(han.size() - name_bytes_max) : han;
}

class Email final : public Detector {
 public:
  std::string_view name() const noexcept override { return "email"; }
  unsigned version() const noexcept override { return 3; }
  std::span<const core::FindingType* const> types() const noexcept override { return types_; }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    const std::string_view text = window.text;
    for (std::size_t at = text.find('@', window.begin); at != text.npos;
         at = text.find('@', at + 1)) {
      const std::size_t begin = local_begin(window, at);
      if (begin >= at || !window.owns(begin)) continue;
      const std::string_view domain = domain_of(text.substr(at + 1));
      if (domain.empty() || is_version(domain)) continue;
      const std::size_t end = at + 1 + domain.size();
      if (names_no_mailbox(window, begin, text.substr(begin, at - begin), end)) continue;
      const bool han = begins_han(text[begin]) || begins_han(domain.front());
      matches.add(type, begin, end, han ? 0.85F : 0.95F);
    }
    return {};
  }

 private:
  static std::size_t local_begin(const Window& window, std::size_t at) {
    std::size_t begin = at;
    while (begin > window.run_begin && at - begin < local_bytes_max &&
           is_local(window.text[begin - 1])) {
      --begin;
    }
    // The n of a literal "\n" is no part of the name.
    if (begin > 0 && begin + 1 < at && window.text[begin - 1] == '\\' &&
        std::string_view("nrt").find(window.text[begin]) != std::string_view::npos) {
      ++begin;
    }
    // Two dots are a part of some names; more of them are a pause.
    const std::size_t dots = window.text.substr(begin, at - begin).rfind("...");
    if (dots != std::string_view::npos) begin += dots + 3;
    while (begin < at && !is_alnum(window.text[begin]) && !is_letter_byte(window.text[begin]) &&
           window.text[begin] != '_') {
      ++begin;
    }
    if (begin == at || !begins_han(window.text[begin])) return begin;
    return at - name_in(window.text.substr(begin, at - begin)).size();
  }

  static constexpr std::array<const core::FindingType*, 1> types_{&type};
  static constexpr std::array<Trigger, 1> triggers_{
      Trigger{.bytes_min = 5, .content = run_class::at}};
};

}  // namespace

const Detector& email_detector() {
  static const Email detector;
  return detector;
}

}  // namespace menshen::detectors
