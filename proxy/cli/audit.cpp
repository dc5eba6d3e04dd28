// menshen audit verify, proof, check and migrate; find and index: audit_find.cpp; key:
// audit_key.cpp.
#include "audit/files.h"
#include "audit/keys.h"
#include "audit/lines.h"
#include "audit/migrate.h"
#include "audit/proof.h"
#include "audit/verify.h"
#include "proxy/cli/commands.h"
#include "proxy/cli/files.h"
#include "proxy/cli/progress.h"
#include "proxy/gateway/head_receivers.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace menshen::cli {
namespace {

struct AuditOptions {
  std::string config = "menshen.yaml";
  std::string store;
  std::string vkey;
  std::string published;
  std::string witness;
  std::optional<std::uint64_t> quorum;
  std::string exchange;
  std::optional<std::uint64_t> record;
  std::string output;
  std::string proof;
  std::string record_file;
  bool json = false;
};

core::Result<std::vector<audit::Witness>> read_witnesses(const std::string& path) {
  const auto text = audit::read_file(path, audit::note_bytes_max, audit::Named::by_person);
  if (!text) return text.error();
  auto out = audit::parse_witnesses(text->value_or(""));
  if (out && !out->empty()) return out;
  core::Error error = out ? core::gateway_error(core::ErrorKind::not_found, "no_witnesses",
                                                "There is no file with witnesses' keys.")
                          : out.error();
  error.where = path;
  return error;
}

// A quorum of nobody, or of more than there are, is a slip of whoever asks: no answer to it may
// look as if witnesses had been asked.
bool can_be_reached(const AuditOptions& options, std::span<const audit::Witness> witnesses) {
  if (!options.quorum) return true;
  const std::size_t operators = audit::operators_of(witnesses);
  if (operators == 0) {
    std::cerr << "menshen: --quorum needs witnesses: --witness FILE\n";
  } else if (*options.quorum > operators) {
    std::cerr << "menshen: --quorum " << *options.quorum << " is never reached: the witnesses have "
              << operators << " operators\n";
  }
  return *options.quorum <= operators;
}

core::Result<audit::VerifyReport> verify_with_bar(const std::filesystem::path& directory,
                                                  audit::VerifyOptions options, bool bar) {
  if (!bar) return audit::verify(directory, options);
  ProgressBar progress(STDERR_FILENO);
  options.progress = [&](std::uint64_t done, std::uint64_t all) { progress.show(done, all); };
  return audit::verify(directory, options);
}

int verify(const AuditOptions& options) {
  std::filesystem::path directory = options.store;
  audit::VerifyOptions asked{.vkey = options.vkey, .published = options.published};
  if (directory.empty()) {
    const auto config = load_config(options.config);
    if (!config) return exit_misuse;
    directory = config->store;
    if (asked.published.empty()) asked.published = config->audit.publish;
    auto witnesses = gateway::witnesses_of(config->audit);
    if (!witnesses) return fail(witnesses.error());
    asked.witnesses = std::move(*witnesses);
    asked.quorum = config->audit.quorum;
  }
  if (!options.witness.empty()) {
    auto witnesses = read_witnesses(options.witness);
    if (!witnesses) return fail(witnesses.error());
    asked.quorum = audit::operators_of(*witnesses);
    asked.witnesses = std::move(*witnesses);
  }
  if (!can_be_reached(options, asked.witnesses)) return exit_misuse;
  asked.quorum = options.quorum.value_or(asked.quorum);
  const auto report = verify_with_bar(directory, std::move(asked), !options.json);
  if (!report) return fail(report.error());
  std::cout << (options.json ? audit::to_json(*report) : audit::to_text(*report));
  return report->ok() ? exit_ok : exit_no;
}

int migrate(const AuditOptions& options) {
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  const auto migrated = audit::migrate(*directory);
  if (!migrated) return fail(migrated.error());
  std::cout << "migrated " << migrated->records << " records and " << migrated->heads
            << " signed heads; each record is as it was, and every head holds\n"
            << "the former database is kept as audit.db.migrated\n";
  return exit_ok;
}

// Writes NAME.proof and NAME.json, the record that it is about.
core::Result<void> write_proof(const std::string& name, const audit::LogProof& proof) {
  for (const auto& [file, text] : {std::pair(name + ".proof", audit::to_text(proof)),
                                   std::pair(name + ".json", proof.record)}) {
    const auto written = audit::write_durably(file, text, 0644);
    if (!written) return written;
    std::cout << file << "\n";
  }
  return {};
}

// An outcome says half of it: what its intent says is proved beside it.
core::Result<void> prove_intent(const std::filesystem::path& directory, const std::string& name,
                                const audit::LogProof& outcome) {
  const auto proof = audit::prove_intent(directory, outcome);
  if (!proof) return proof.error();
  return *proof ? write_proof(name + "-intent", **proof) : core::Result<void>{};
}

int prove(const AuditOptions& options) {
  const auto directory = store_folder(options.store, options.config);
  if (!directory) return exit_misuse;
  auto seq = options.record;
  if (!seq && options.exchange.empty()) {
    std::cerr << "menshen: audit proof needs --exchange or --record\n";
    return exit_misuse;
  }
  if (!seq) {
    const auto found = audit::find_exchange(*directory, options.exchange);
    if (!found) return fail(found.error());
    seq = *found;
  }
  if (!seq) {
    std::cerr << "menshen: the log knows no exchange " << options.exchange << "\n";
    return exit_no;
  }
  const auto proof = audit::prove(*directory, *seq);
  if (!proof) return fail(proof.error());
  const std::string name =
      options.output.empty() ? "record-" + std::to_string(*seq) : options.output;
  if (const auto written = write_proof(name, *proof); !written) return fail(written.error());
  const auto also = prove_intent(*directory, name, *proof);
  return also ? exit_ok : fail(also.error());
}

// That the head of a proof has the cosignatures of a quorum.
core::Result<void> check_witnesses(const AuditOptions& options, const std::string& head,
                                   std::span<const audit::Witness> witnesses) {
  const auto found = audit::cosignatures_of(head, witnesses);
  if (!found) return found.error();
  const std::size_t operators = audit::operators_of(*found, witnesses);
  const std::uint64_t quorum = options.quorum.value_or(audit::operators_of(witnesses));
  std::cout << "Witnesses of " << operators << " operators have cosigned that head.\n";
  if (operators >= quorum) return {};
  return core::client_error(core::ErrorKind::invalid_request, "not_witnessed",
                            "Cosignatures of " + std::to_string(quorum) + " operators are needed.");
}

int check_record(const AuditOptions& options, std::span<const audit::Witness> witnesses) {
  constexpr audit::Named by_person = audit::Named::by_person;
  const auto verifier = audit::load_verifier(options.vkey, by_person);
  if (!verifier) return fail(verifier.error());
  const auto text = audit::read_file(options.proof, audit::note_bytes_max, by_person);
  const auto record = audit::read_file(options.record_file, core::record_bytes_max, by_person);
  for (const auto* file : {&text, &record}) {
    if (!*file) return fail(file->error());
    if (**file) continue;
    std::cerr << "menshen: " << (file == &text ? options.proof : options.record_file)
              << ": there is no such file\n";
    return exit_no;
  }
  const auto proof = audit::parse_proof(**text);
  if (!proof) return fail(proof.error());
  const auto head = audit::check_proof(*proof, **record, *verifier);
  if (!head) return fail(head.error());
  std::cout << "Record " << proof->index << " is in the log " << head->origin
            << ", under its head over " << head->size << " records.\n";
  if (witnesses.empty()) return exit_ok;
  const auto witnessed = check_witnesses(options, proof->checkpoint, witnesses);
  return witnessed ? exit_ok : fail(witnessed.error());
}

int check(const AuditOptions& options) {
  std::vector<audit::Witness> witnesses;
  if (!options.witness.empty()) {
    auto read = read_witnesses(options.witness);
    if (!read) return fail(read.error());
    witnesses = std::move(*read);
  }
  if (!can_be_reached(options, witnesses)) return exit_misuse;
  return check_record(options, witnesses);
}

using Options = std::shared_ptr<AuditOptions>;

void add_store(CLI::App& command, const Options& options) {
  command.add_option("--config", options->config, "The gateway's configuration.");
  command.add_option("--store", options->store, "The store's folder, instead of --config.");
}

// The number's type would take -1 for the largest there is.
std::string wrong_quorum(const std::string& text) {
  const auto number = audit::parse_number(text);
  return number && *number > 0 ? "" : "a number of operators is needed, 1 or more";
}

void add_witnesses(CLI::App& command, const Options& options) {
  command
      .add_option("--witness", options->witness,
                  "A file of witnesses' verifier keys, each with its operator, instead of the "
                  "configuration's audit.witnesses.")
      ->check([](const std::string& path) { return path.empty() ? "a file is needed" : ""; });
  command
      .add_option("--quorum", options->quorum,
                  "Of how many operators a head needs cosignatures; by default of all, or as "
                  "the configuration has it.")
      ->check(wrong_quorum);
}

void add_proof(CLI::App& audit, const Options& options, int& exit_code) {
  auto* proof = audit.add_subcommand(
      "proof",
      "Writes the evidence of one record, for whoever has no access to the log: the record, and "
      "its way to a signed head.");
  add_store(*proof, options);
  auto* exchange = proof->add_option("--exchange", options->exchange,
                                     "The last record of this exchange, but for sampled scores.");
  proof->add_option("--record", options->record, "The record of this number.")->excludes(exchange);
  proof->add_option("--output", options->output,
                    "Name of the two files, to which .proof and .json are added; the intent of an "
                    "outcome has two more, NAME-intent.");
  proof->callback([options, &exit_code] { exit_code = prove(*options); });

  auto* checking = audit.add_subcommand(
      "check", "Says whether a record is in the log that a verifier key signs. Needs no store.");
  checking->add_option("--proof", options->proof, "The file of the proof.")->required();
  checking->add_option("--record", options->record_file, "The file of the record.")->required();
  checking->add_option("--vkey", options->vkey, "The log's verifier key.")->required();
  add_witnesses(*checking, options);
  checking->callback([options, &exit_code] { exit_code = check(*options); });
}

}  // namespace

void add_audit(CLI::App& app, int& exit_code) {
  auto* audit = app.add_subcommand("audit", "The evidence.");
  audit->require_subcommand(1);
  auto options = std::make_shared<AuditOptions>();
  auto* command = audit->add_subcommand(
      "verify",
      "Checks every record, the tree and every signed head; names the first record that was "
      "changed, removed, swapped, doubled or cut off. Works while the gateway runs.");
  add_store(*command, options);
  command->add_option("--vkey", options->vkey, "A verifier key kept elsewhere.");
  command->add_option("--published", options->published,
                      "Signed heads kept elsewhere, instead of the configuration's audit.publish.");
  add_witnesses(*command, options);
  command->add_flag("--json", options->json, "Print JSON.");
  command->callback([options, &exit_code] { exit_code = verify(*options); });

  add_proof(*audit, options, exit_code);
  add_audit_find(*audit, exit_code);
  add_audit_key(*audit, exit_code);

  auto* migration = audit->add_subcommand("migrate",
                                          "Brings a log that an earlier version kept in audit.db "
                                          "into this version's form, and compares "
                                          "record by record. The gateway must be stopped.");
  add_store(*migration, options);
  migration->callback([options, &exit_code] { exit_code = migrate(*options); });
}

}  // namespace menshen::cli
