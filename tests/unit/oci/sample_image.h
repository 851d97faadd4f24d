#pragma once

#include <string>

namespace ecloud::oci {

// An image for amd64 and one for arm64 with an index of both, written by hand after the examples of
// the OCI image specification 1.1. The digests are those of Python's hashlib.

inline const std::string kAmd64Config =
    R"j({"architecture":"amd64","os":"linux","config":{"Labels":{"eigenx_cli_versi)j"
    R"j(on":"1.2.3","maintainer":"someone"}},"rootfs":{"type":"layers","diff_ids":)j"
    R"j([]}})j";
inline const std::string kAmd64ConfigDigest =
    "sha256:2dd0e2714d7c4d54fe8587a30a56f58fb14a942a16c43d818b66c167540b59b4";

inline const std::string kAmd64Manifest =
    R"j({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json)j"
    R"j(","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest)j"
    R"j(":"sha256:2dd0e2714d7c4d54fe8587a30a56f58fb14a942a16c43d818b66c167540b59b4)j"
    R"j(","size":152},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.t)j"
    R"j(ar+gzip","digest":"sha256:111111111111111111111111111111111111111111111111)j"
    R"j(1111111111111111","size":1000},{"mediaType":"application/vnd.oci.image.lay)j"
    R"j(er.v1.tar+gzip","digest":"sha256:22222222222222222222222222222222222222222)j"
    R"j(22222222222222222222222","size":234}]})j";
inline const std::string kAmd64ManifestDigest =
    "sha256:80324ad679f87f28e1179383ccb50126db574745abba41f829d1ec918a5561f3";

inline const std::string kArm64Config =
    R"j({"architecture":"arm64","variant":"v8","os":"linux","config":{"Labels":nul)j"
    R"j(l}})j";
inline const std::string kArm64ConfigDigest =
    "sha256:08f44d067c1e508cac41f069aa8dacfd2f7c46e61f490a2a3b1b8f2279ca2a20";

inline const std::string kArm64Manifest =
    R"j({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json)j"
    R"j(","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest)j"
    R"j(":"sha256:08f44d067c1e508cac41f069aa8dacfd2f7c46e61f490a2a3b1b8f2279ca2a20)j"
    R"j(","size":77},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.ta)j"
    R"j(r+gzip","digest":"sha256:1111111111111111111111111111111111111111111111111)j"
    R"j(111111111111111","size":1000},{"mediaType":"application/vnd.oci.image.laye)j"
    R"j(r.v1.tar+gzip","digest":"sha256:222222222222222222222222222222222222222222)j"
    R"j(2222222222222222222222","size":234}]})j";
inline const std::string kArm64ManifestDigest =
    "sha256:b00cb58cd51b5264b96c0d3ac9a97d16d4337713fcec21d361687a08d8079c7e";

inline const std::string kDockerManifest =
    R"j({"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manife)j"
    R"j(st.v2+json","config":{"mediaType":"application/vnd.docker.container.image.)j"
    R"j(v1+json","digest":"sha256:2dd0e2714d7c4d54fe8587a30a56f58fb14a942a16c43d81)j"
    R"j(8b66c167540b59b4","size":152},"layers":[{"mediaType":"application/vnd.oci.)j"
    R"j(image.layer.v1.tar+gzip","digest":"sha256:11111111111111111111111111111111)j"
    R"j(11111111111111111111111111111111","size":1000},{"mediaType":"application/v)j"
    R"j(nd.oci.image.layer.v1.tar+gzip","digest":"sha256:2222222222222222222222222)j"
    R"j(222222222222222222222222222222222222222","size":234}]})j";
inline const std::string kDockerManifestDigest =
    "sha256:1c55d6650e9992188a4f1b39b9df97f03088d618892a130cbbd9766648149874";

inline const std::string kIndex =
    R"j({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",")j"
    R"j(manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","dig)j"
    R"j(est":"sha256:b00cb58cd51b5264b96c0d3ac9a97d16d4337713fcec21d361687a08d8079)j"
    R"j(c7e","size":555,"platform":{"architecture":"arm64","os":"linux","variant":)j"
    R"j("v8"}},{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":)j"
    R"j("sha256:3333333333333333333333333333333333333333333333333333333333333333",)j"
    R"j("size":10,"annotations":{"vnd.docker.reference.type":"attestation-manifest)j"
    R"j("},"platform":{"architecture":"unknown","os":"unknown"}},{"mediaType":"app)j"
    R"j(lication/vnd.oci.image.manifest.v1+json","digest":"sha256:80324ad679f87f28)j"
    R"j(e1179383ccb50126db574745abba41f829d1ec918a5561f3","size":556,"platform":{")j"
    R"j(architecture":"amd64","os":"linux"}}]})j";
inline const std::string kIndexDigest =
    "sha256:22429f3c228ffd4963d412cb4b7453c50b4a9d8e59b8103d2b557ce25b9a2dfa";

}  // namespace ecloud::oci
