#include "cli/commands/app/upgrade_job.h"

#include "cli/commands/app/wallet_view.h"

namespace ecloud::cli {
namespace {

/// The image of the release, where one is asked for at all.
void read_image(Context& context, const Values& values, const std::optional<Verifiable>& verifiable,
                UpgradeInput& out) {
  const auto image = given_image(values);
  if (verifiable) {
    if (image && !verifiable->source) out.image = oci::Reference::parse(*image);
    return;
  }
  const auto folder = find_folder_image(context, values, image, "upgrade to");
  const bool names_source = image || values.given("dockerfile") || values.given("image-archive");
  if (!names_source && !folder) return;
  out.image_input = read_release_image(context, values, verifiable, folder);
  out.image = out.image_input->reference ? *out.image_input->reference : out.image_input->result();
}

UpgradeInput read_input(Context& context, const Values& values,
                        const std::optional<Verifiable>& verifiable) {
  const bool builds = verifiable && verifiable->source;
  UpgradeInput out;
  read_image(context, values, verifiable, out);
  out.leaks = read_leak_policy(values);
  out.instance_type = values.text("instance-type");
  if (const auto word = values.text("log-visibility")) {
    out.log_visibility = deploy::log_visibility_of(*word);
  }
  if (const auto word = values.text("wallet")) out.wallet = deploy::wallet_source_of(*word);
  out.wallet_backup = read_wallet_backup(values);
  note_keys_without_effect(context, values, builds);
  out.env = read_env_file(context, values);
  if (out.image_input) {
    read_tls(context, values, out.env.variables, *out.image_input);
  }
  return out;
}

}  // namespace

UpgradeJob read_upgrade_job(Context& context, const Values& values) {
  UpgradeJob job{.values = values, .verifiable = read_verifiable(values)};
  job.input = read_input(context, values, job.verifiable);
  if (job.verifiable && !job.verifiable->source && !job.input.image) {
    throw values.missing("image-ref");
  }
  return job;
}

deploy::WalletChoice choose_upgrade_wallet(Context& context, Workflow& workflow,
                                           const eth::Address& app, UpgradeInput& input,
                                           const deploy::CurrentApp& current) {
  deploy::KnownWallet known =
      deploy::known_wallet(workflow.services(), workflow.signer(), app, &current);
  search_earlier_releases(workflow, app, current, known);
  const std::optional<deploy::WalletSource>& asked = input.wallet;
  base::Secret words;
  const bool takes_words = (asked ? asked : known.source) == deploy::WalletSource::kEnvironment;
  if (takes_words && input.env.mnemonic.found) words = checked_mnemonic(input.env);
  // Without an env file nothing is to change but the image and the machine.
  const platform::AppEnvironment& given = input.env.variables;
  const bool can_keep_release = current.release && input.env.file.empty() &&
                                given.private_variables.empty() && given.public_variables.empty();
  deploy::WalletChoice choice =
      deploy::choose_wallet(known, app, asked, words, current.may_hold_mnemonic, can_keep_release);
  if (input.env.mnemonic.found && choice.source != deploy::WalletSource::kEnvironment) {
    context.terminal().note(
        "MNEMONIC in " + shown_file(input.env.file) +
        " is left out; the app keeps its wallet (--wallet env would use yours)");
  }
  return choice;
}

}  // namespace ecloud::cli
