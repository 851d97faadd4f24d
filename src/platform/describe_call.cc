#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/credits.h"
#include "ecloud/platform/environment.h"
#include "ecloud/platform/known_calls.h"
#include "ecloud/platform/permissions.h"
#include "platform/controller_codec.h"
#include "platform/credits_codec.h"

namespace ecloud::platform {
namespace {

using Arguments = std::vector<std::pair<std::string, std::string>>;

void add_release(Arguments& arguments, const eth::AbiValue& value) {
  const Release release = release_from_value(value);
  for (const Artifact& artifact : release.artifacts) {
    arguments.emplace_back("image", base::printable_line(artifact.registry) +
                                        "@sha256:" + base::to_hex(artifact.digest));
  }
  arguments.emplace_back("upgradeByTime", std::to_string(release.upgrade_by_time));
  arguments.emplace_back("publicEnv", std::to_string(release.public_env.size()) + " bytes");
  arguments.emplace_back("encryptedEnv", std::to_string(release.encrypted_env.size()) + " bytes");
}

/// Fills in what a Release-carrying function was called with; false when `data` calls another.
bool describe_release_call(DecodedCall& out, base::ByteView data, Generation generation) {
  const std::string upgrade = upgrade_app_call(generation);
  for (const std::string& call :
       {create_app_call(generation), create_isolated_app_call(generation), upgrade}) {
    if (!calls(data, call)) continue;
    const auto values = eth::abi_decode(parameters_of(call), data.subspan(4));
    out.function = call.substr(0, call.find('('));
    if (call == upgrade) {
      out.arguments.emplace_back("app", values[0].address().to_string());
    } else {
      out.arguments.emplace_back("salt", base::to_hex_prefixed(values[0].bytes()));
    }
    add_release(out.arguments, values[1]);
    return true;
  }
  return false;
}

bool describe_app_call(DecodedCall& out, base::ByteView data) {
  for (const std::string_view call :
       {kStartAppCall, kStopAppCall, kTerminateAppCall, kAcceptAdminCall}) {
    if (!calls(data, call)) continue;
    const auto values = eth::abi_decode(parameters_of(call), data.subspan(4));
    out.function = call.substr(0, call.find('('));
    out.arguments.emplace_back(call == kAcceptAdminCall ? "account" : "app",
                               values[0].address().to_string());
    return true;
  }
  return false;
}

/// The API's permissions in words; those of the AppController by the name of what they allow.
std::string permission_name(const Environment& environment, const Permission& permission) {
  if (permission.target == api_permission_target()) {
    if (permission.selector == kViewLogsPermission) return "view logs";
    if (permission.selector == kViewInfoPermission) return "view app info";
    if (permission.selector == kUpdateProfilePermission) return "update profile";
  }
  for (const NamedPermission& one : named_permissions(environment)) {
    if (one.permission == permission) return one.name;
  }
  return base::to_hex_prefixed(permission.selector);
}

std::string target_name(const Environment& environment, const eth::Address& target) {
  if (target == api_permission_target()) return "platform API";
  return target == environment.app_controller ? "AppController" : target.to_string();
}

bool describe_permission_call(DecodedCall& out, base::ByteView data,
                              const Environment& environment) {
  const auto call = decode_permission_call(data);
  if (!call || call->kind == PermissionCall::Kind::kAcceptAdmin) return false;
  for (const std::string_view name : {kSetAppointeeCall, kRemoveAppointeeCall, kAddPendingAdminCall,
                                      kRemovePendingAdminCall, kRemoveAdminCall}) {
    if (calls(data, name)) out.function = name.substr(0, name.find('('));
  }
  out.arguments.emplace_back("app", call->app.to_string());
  const bool of_appointee = call->kind == PermissionCall::Kind::kSetAppointee ||
                            call->kind == PermissionCall::Kind::kRemoveAppointee;
  if (!of_appointee) {
    out.arguments.emplace_back("admin", call->account.to_string());
    return true;
  }
  const bool anyone = call->account == anyone_appointee();
  out.arguments.emplace_back("appointee", anyone ? "anyone" : call->account.to_string());
  out.arguments.emplace_back("target", target_name(environment, call->permission.target));
  out.arguments.emplace_back("permission", permission_name(environment, call->permission));
  return true;
}

bool describe_credits_call(DecodedCall& out, base::ByteView data, const Environment& environment) {
  for (const std::string_view call : {kApproveCall, kPurchaseCreditsForCall}) {
    if (!calls(data, call)) continue;
    const auto values = eth::abi_decode(parameters_of(call), data.subspan(4));
    out.function = call.substr(0, call.find('('));
    if (call == kApproveCall) {
      const bool credits = values[0].address() == environment.usdc_credits;
      out.arguments.emplace_back("spender",
                                 credits ? "USDCCredits" : values[0].address().to_string());
      out.arguments.emplace_back("amount", format_usdc(values[1].number()));
    } else {
      out.arguments.emplace_back("amount", format_usdc(values[0].number()));
      out.arguments.emplace_back("account", values[1].address().to_string());
    }
    return true;
  }
  return false;
}

constexpr std::size_t kMostListed = 5;

/// A value in words by its type; what is long is counted.
std::string value_in_words(const eth::AbiType& type, const eth::AbiValue& value) {
  using Kind = eth::AbiType::Kind;
  switch (type.kind) {
    case Kind::kAddress:
      return value.address().to_string();
    case Kind::kBool:
      return value.boolean() ? "true" : "false";
    case Kind::kUint:
    case Kind::kInt:
      return value.number().to_decimal();
    case Kind::kFixedBytes:
      return base::to_hex_prefixed(value.bytes());
    case Kind::kString:
      return base::printable_line(value.text(), 60);
    case Kind::kBytes:
      return std::to_string(value.bytes().size()) + " bytes";
    case Kind::kArray: {
      const auto& list = value.list();
      if (list.size() > kMostListed) return std::to_string(list.size()) + " items";
      std::vector<std::string> words;
      for (const eth::AbiValue& item : list) {
        words.push_back(value_in_words(type.components.front(), item));
      }
      return "[" + base::join(words, ", ") + "]";
    }
    case Kind::kTuple: {
      std::vector<std::string> words;
      for (std::size_t i = 0; i < type.components.size(); ++i) {
        words.push_back(value_in_words(type.components[i], value[i]));
      }
      return "(" + base::join(words, ", ") + ")";
    }
  }
  return {};
}

/// Calls that ecloud does not make itself, by what their contracts declare.
bool describe_known_call(DecodedCall& out, base::ByteView data) {
  const KnownCall* call = find_known_call(data);
  if (call == nullptr) return false;
  const std::string_view types = parameters_of(call->signature);
  const eth::AbiType tuple = eth::AbiType::parse(types);
  const auto values = eth::abi_decode(types, data.subspan(4));
  out.function = call->signature.substr(0, call->signature.find('('));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (tuple.components[i].to_string() == release_type(Generation::kThreeFields)) {
      add_release(out.arguments, values[i]);
    } else {
      out.arguments.emplace_back(call->parameters[i],
                                 value_in_words(tuple.components[i], values[i]));
    }
  }
  return true;
}

std::string contract_name(const eth::Address& target, const Environment& environment) {
  if (target == environment.app_controller) return "AppController";
  if (target == environment.permission_controller) return "PermissionController";
  if (target == environment.usdc_credits) return "USDCCredits";
  if (target == environment.usdc_token) return "USDC";
  return target.to_string();
}

}  // namespace

DecodedCall describe_call(const Call& call, const Environment& environment) {
  DecodedCall out;
  out.contract = contract_name(call.target, environment);
  const base::ByteView data = call.data;
  const bool known =
      describe_release_call(out, data, Generation::kThreeFields) ||
      describe_release_call(out, data, Generation::kFourFields) || describe_app_call(out, data) ||
      describe_permission_call(out, data, environment) ||
      describe_credits_call(out, data, environment) || describe_known_call(out, data);
  if (!known) {
    out.function = data.size() >= 4 ? base::to_hex_prefixed(data.first(4)) : "transfer";
  }
  return out;
}

}  // namespace ecloud::platform
