#include "cli/error_catalogue.h"

namespace ecloud::cli {

std::vector<ErrorEntry> evidence_errors() {
  return {
      {"attest.collateral",
       {Category::kVerification},
       "What Intel publishes beside a TDX quote cannot be read.",
       "A file is another one, was cut off, or was written anew by a program: signatures are over "
       "the exact bytes.",
       "Fetch it anew from Intel's Provisioning Certification Service, and keep it as it comes."},
      {"attest.event_log",
       {Category::kVerification},
       "An event log of a TEE cannot be read.",
       "The file is no CCEL data area, or was cut off; the message names the place.",
       "Take it anew from the machine: /sys/firmware/acpi/tables/data/CCEL."},
      {"attest.key_set",
       {Category::kVerification},
       "The key set of a token's issuer cannot be used.",
       "The file is no JSON Web Key Set, or has no key that verifies signatures.",
       "Fetch it anew from the issuer: its jwks_uri."},
      {"attest.quote",
       {Category::kVerification},
       "A file is no Intel TDX quote of version 4 or 5.",
       "It was cut off, is in hex or base64, or is another kind of report, such as a TDREPORT; the "
       "message names the place.",
       "Give the bytes of the quote as the TEE made them."},
      {"attest.token",
       {Category::kVerification},
       "An attestation token cannot be read.",
       "A JWT is three parts in base64url between dots; something was lost, or the file holds an "
       "error message of the issuer.",
       "Fetch a new token."},
  };
}

}  // namespace ecloud::cli
