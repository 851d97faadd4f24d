// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

// Small contracts with the interfaces of the platform's, so that the Solidity compiler's own ABI
// decoder reads what ecloud encodes. bytecode.json is made of this file by compile.mjs.

// The batch mode of the ERC-7702 delegator: all calls or none.
contract Delegator {
    error NotSelf();
    error UnsupportedCallType(bytes1 callType);

    struct Call {
        address target;
        uint256 value;
        bytes callData;
    }

    receive() external payable {}

    function execute(bytes32 mode, bytes calldata executionCalldata) external payable {
        if (msg.sender != address(this)) revert NotSelf();
        if (mode != bytes32(bytes1(0x01))) revert UnsupportedCallType(bytes1(mode));
        Call[] memory calls = abi.decode(executionCalldata, (Call[]));
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, bytes memory reason) =
                calls[i].target.call{value: calls[i].value}(calls[i].callData);
            if (!done) {
                assembly {
                    revert(add(reason, 32), mload(reason))
                }
            }
        }
    }
}

struct Artifact {
    bytes32 digest;
    string registry;
}

struct RmsRelease {
    Artifact[] artifacts;
    uint32 upgradeByTime;
}

struct Pair {
    string key;
    string value;
}

struct Policy {
    string[] args;
    string[] cmdOverride;
    Pair[] env;
    Pair[] envOverride;
    string restartPolicy;
}

// What the controllers below have in common: they say what they have read.
abstract contract Controller {
    event AppCreated(address indexed creator, address indexed app, uint32 operatorSetId);
    event Read(bytes32 salt, Artifact[] artifacts, uint32 upgradeByTime, bytes publicEnv,
        bytes encryptedEnv, uint256 policyEntries);

    function appIdOf(address deployer, bytes32 salt) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(deployer, salt)))));
    }
}

contract ControllerBefore is Controller {
    struct Release {
        RmsRelease rmsRelease;
        bytes publicEnv;
        bytes encryptedEnv;
    }

    function createApp(bytes32 salt, Release calldata r) external returns (address app) {
        app = appIdOf(msg.sender, salt);
        emit AppCreated(msg.sender, app, 1);
        emit Read(salt, r.rmsRelease.artifacts, r.rmsRelease.upgradeByTime, r.publicEnv,
            r.encryptedEnv, 0);
    }
}

contract ControllerFrom is Controller {
    struct Release {
        RmsRelease rmsRelease;
        bytes publicEnv;
        bytes encryptedEnv;
        Policy containerPolicy;
    }

    function createApp(bytes32 salt, Release calldata r) external returns (address app) {
        app = appIdOf(msg.sender, salt);
        emit AppCreated(msg.sender, app, 1);
        emit Read(salt, r.rmsRelease.artifacts, r.rmsRelease.upgradeByTime, r.publicEnv,
            r.encryptedEnv, entriesOf(r.containerPolicy));
    }

    function entriesOf(Policy calldata p) private pure returns (uint256) {
        return p.args.length + p.cmdOverride.length + p.env.length + p.envOverride.length
            + bytes(p.restartPolicy).length;
    }
}

// Takes an app's admin once; then it refuses as the real one does.
contract Permissions {
    error AdminAlreadySet();

    event Accepted(address account, address admin);
    event Appointed(address account, address appointee, address target, bytes4 selector);

    mapping(address => address) private adminOf;

    function acceptAdmin(address account) external {
        if (adminOf[account] != address(0)) revert AdminAlreadySet();
        adminOf[account] = msg.sender;
        emit Accepted(account, msg.sender);
    }

    function setAppointee(address account, address appointee, address target, bytes4 selector)
        external
    {
        emit Appointed(account, appointee, target, selector);
    }
}

// A dollar token: approve replaces what was allowed, and anybody may make some.
contract Usdc {
    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 amount);

    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        require(balanceOf[from] >= amount, "ERC20: transfer amount exceeds balance");
        require(allowance[from][msg.sender] >= amount, "ERC20: transfer amount exceeds allowance");
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

contract Credits {
    Usdc public constant usdc = Usdc(0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48);
    uint256 public constant minimumPurchase = 5_000_000;
    mapping(address => uint256) public creditsOf;

    event CreditsPurchased(address indexed purchaser, address indexed account, uint256 amount);

    function purchaseCreditsFor(uint256 amount, address account) external {
        require(amount >= minimumPurchase, "below the minimum purchase");
        require(usdc.transferFrom(msg.sender, address(this), amount));
        creditsOf[account] += amount;
        emit CreditsPurchased(msg.sender, account, amount);
    }
}
