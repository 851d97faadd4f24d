#include "cli/commands/compute/commands.h"
#include "cli/instance_view.h"
#include "cli/json_values.h"
#include "cli/workflow.h"
#include "ecloud/platform/instance_type.h"

namespace ecloud::cli {
namespace {

base::Json document_of(const platform::Sku& sku) {
  base::Json out = instance_document(sku.name, sku);
  out.set("tier", text_or_null(sku.friendly_name));
  out.set("platform", text_or_null(sku.platform));
  out.set("description", text_or_null(sku.description));
  return out;
}

Table table_of(const std::vector<platform::Sku>& skus) {
  Table table{.headers = {"NAME", "VCPU", "MEMORY", "TEE", "USD/HOUR", "USD/MONTH", "DESCRIPTION"},
              .rows = {}};
  for (const platform::Sku& sku : skus) {
    table.rows.push_back({sku.name, sku.vcpus ? std::to_string(*sku.vcpus) : "unknown",
                          show_memory_size(sku.memory_mb),
                          std::string(platform::to_string(platform::hardware_of(sku.name))),
                          show_price(sku.hourly_usd), show_price(sku.monthly_usd),
                          or_dash(sku.description)});
  }
  return table;
}

void run_instance_types(Context& context, const Values&) {
  Workflow workflow(context);
  const std::vector<platform::Sku> skus = workflow.user_api(false).skus();
  base::Json list = base::Json::array();
  for (const platform::Sku& sku : skus) list.push(document_of(sku));
  if (skus.empty()) workflow.note("the platform offers no instance types now");
  context.output().result(base::Json::object({{"instanceTypes", std::move(list)}}),
                          [&] { context.output().table(table_of(skus)); });
}

}  // namespace

Command make_instance_types_command() {
  Command command;
  command.name = "instance-types";
  command.summary = "List the instance types and their prices";
  command.description =
      "Lists what --instance-type takes: the machines that the platform offers now, with their "
      "size, their TEE and their price in USD. Everything but the TEE is what the platform tells; "
      "what it does not tell is shown as unknown. The TEE follows from the last letter of the "
      "name: t is Intel TDX, s is AMD SEV-SNP, and v is a Shielded VM, which has no TEE.";
  command.examples = {{"What is offered, and at what price", "ecloud compute instance-types"},
                      {"Only names and monthly prices, for a script",
                       "ecloud compute instance-types --fields name,monthlyUsd"}};
  command.json_list = "instanceTypes";
  command.json_fields = {
      {"name", "what --instance-type takes"},
      {"hardware", "\"Intel TDX\", \"AMD SEV-SNP\", \"none (Shielded VM)\" or \"unknown\""},
      {"hasTee", "whether its memory is protected from the host; null when unknown"},
      {"vcpus", "number of virtual CPUs, or null"},
      {"memoryMb", "memory in MB (2^20 bytes), or null"},
      {"hourlyUsd", "price an hour in USD, or null"},
      {"monthlyUsd", "price a month in USD, or null"},
      {"tier", "the platform's name for it, or null"},
      {"platform", "the platform's word for the hardware, or null"},
      {"description", "the platform's description, or null"}};
  command.exit_codes = {Category::kNetwork};
  command.uses_environment = true;
  command.run = run_instance_types;
  return command;
}

}  // namespace ecloud::cli
