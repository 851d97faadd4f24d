#pragma once

#include <map>
#include <string>
#include <vector>

#include "deploy/path_watch.h"
#include "deploy/verify_links.h"
#include "deploy/verify_tools.h"

namespace ecloud::deploy {

/// What the layers that were read have of the watched files.
struct AddedFiles {
  std::map<std::string, PathWatch> files;  ///< by path
  bool complete = false;                   ///< all layers above the base were read
  std::string problem;                     ///< of a layer as a whole
  std::string start_script;                ///< the uppermost; empty when no layer has it

  const PathWatch& at(const std::string& path) const { return files.at(path); }
};
AddedFiles added_files(const VerifyState& state, const std::vector<std::string>& paths);

/// Compares a file that was found with what it must be. `expected` is for people: "the published
/// one".
void compare_file(attest::Evidence& evidence, const std::string& name, const PathWatch& file,
                  const oci::Digest& wanted, const std::string& expected,
                  const std::string& as_it_should);
/// The same with a program of `published`; the certificate program has either of its names.
void compare_program(attest::Evidence& evidence, const std::string& name, const PathWatch& file,
                     const PublishedPrograms& published, const std::string& expected);
/// A file that no layer has.
void missing_file(attest::Evidence& evidence, const std::string& name, const PathWatch& file,
                  bool complete);

/// The finding "runtime": whether the client gets evidence from the launcher of the VM image that
/// the labels choose.
void check_runtime(attest::Evidence& evidence, const VerifyState& state, const PathWatch& client);

/// What published_programs calls a program.
std::string published_name(const std::string& name);

}  // namespace ecloud::deploy
