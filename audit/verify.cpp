#include "audit/verify.h"

#include "audit/files.h"
#include "audit/keys.h"
#include "audit/layout.h"
#include "audit/verifier.h"

#include <utility>

namespace menshen::audit {
namespace {

constexpr std::uint64_t published_bytes_max = 1024ULL * 1024 * 1024;

core::Result<void> add_published(Verifier& verifier, const std::filesystem::path& path) {
  const auto content = read_file(path, published_bytes_max, Named::by_person);
  if (!content) return content.error();
  if (!*content) {
    return core::gateway_error(core::ErrorKind::not_found, "no_published_heads",
                               "There is no file of published heads.", path.string());
  }
  PublishedNotes published = split_published(**content);
  if (published.notes.empty()) {
    return core::gateway_error(core::ErrorKind::invalid_config, "no_published_heads",
                               "The file of published heads holds no head.", path.string());
  }
  for (std::string& note : published.notes) verifier.add_outside(std::move(note), elsewhere);
  verifier.count_fragments(published.fragments);
  return {};
}

core::Result<NoteVerifier> key_to_trust(const std::filesystem::path& directory,
                                        const VerifyOptions& options) {
  if (options.own) return options.own->ring.last().back();
  if (options.vkey.empty()) return load_verifier(directory / layout::verifier_key);
  return load_verifier(options.vkey, Named::by_person);
}

void check_key_files(Verifier& verifier, const std::filesystem::path& directory,
                     const KeyRing& ring) {
  const auto shown = load_verifier(directory / layout::verifier_key);
  if (!shown || *shown != ring.last().back()) verifier.wrong_key_file(layout::verifier_key);
  const auto known = load_ring(directory / layout::verifier_keys);
  const bool one_alone = known && !*known && ring.changes().size() == 1;
  if (!one_alone && (!known || !*known || (*known)->to_text() != ring.to_text()))
    verifier.wrong_key_file(layout::verifier_keys);
}

}  // namespace

core::Result<VerifyReport> verify(const std::filesystem::path& directory,
                                  const VerifyOptions& options) {
  auto reader = LogReader::open(directory);
  const auto key = key_to_trust(directory, options);
  if (!reader && reader.error().kind == core::ErrorKind::not_found) return reader.error();
  if (!key) return key.error();
  if (!reader) {
    VerifyReport report;
    report.vkey = key->vkey();
    report.problems_total = 1;
    report.problems.push_back({ProblemKind::unreadable, 0, 0, {}, core::to_string(reader.error())});
    return report;
  }
  Verifier verifier(std::move(*reader), *key, options.own ? *key : first_key(directory, *key),
                    options);
  if (options.own) check_key_files(verifier, directory, options.own->ring);
  const auto file = read_file(directory / layout::checkpoint, note_bytes_max);
  if (!file) return file.error();
  if (*file) {
    verifier.add_outside(**file, in_file);
  } else {
    verifier.head_file_missing(layout::checkpoint);
  }
  const auto witnessed = read_file(directory / layout::witnessed, note_bytes_max);
  if (!witnessed) return witnessed.error();
  if (*witnessed) verifier.add_outside(**witnessed, in_witnessed);
  // A copy for others to read has neither segments nor all heads.
  const auto heads = store::exists(directory / layout::heads, evidence_unavailable);
  const auto segment = store::exists(directory / layout::segments[0], evidence_unavailable);
  if (!heads || !segment) return (!heads ? heads : segment).error();
  if (*segment && !*heads) verifier.head_file_missing(layout::heads);
  if (*segment) verifier.look_at_texts(directory);
  if (options.own && !options.own->head.empty()) verifier.add_outside(options.own->head, in_memory);
  if (!options.published.empty()) {
    const auto published = add_published(verifier, options.published);
    if (!published) return published.error();
  }
  return verifier.run();
}

}  // namespace menshen::audit
