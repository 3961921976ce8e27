package io.github.context4j.sample;

import java.io.File;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The Chromium of the system, without a window. Closing it ends it, with all its tabs. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ChromeDriver driver;
    private final String address;

    private Browser(ChromeDriver driver, String address) {
        this.driver = driver;
        this.address = address;
    }

    /** Starts it with the page of the sample at that port. Where there is none the test is skipped, and the log says so. */
    static Browser open(int port) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(program("chromium", "chromium-browser", "google-chrome"));
        options.addArguments("--headless=new", "--disable-dev-shm-usage");
        if ("root".equals(System.getProperty("user.name"))) {
            options.addArguments("--no-sandbox"); // its sandbox refuses root
        }
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver"))
                .usingAnyFreePort()
                .build();
        Browser browser = new Browser(new ChromeDriver(service, options), "http://localhost:" + port);
        browser.visit();
        return browser;
    }

    private static File program(String... names) {
        for (String name : names) {
            for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
                File file = new File(directory, name);
                if (file.canExecute()) {
                    return file;
                }
            }
        }
        String missing = "NO " + String.join(", ", names)
                + " ON THE PATH: the page is not tested in a browser. Install chromium and chromium-driver, as .ci/run does";
        LogFactory.getLog(Browser.class).warn(missing);
        return Assumptions.abort(missing);
    }

    private void visit() {
        driver.get(address);
        awaitText("connection", "Live");
    }

    /** Opens the page in another tab, which is the current one from then on. */
    void newTab() {
        driver.switchTo().newWindow(WindowType.TAB);
        visit();
    }

    /** Closes the current tab, as its user does; the first that is left is the current one then. */
    void closeTab() {
        List<String> left = new ArrayList<>(driver.getWindowHandles());
        left.remove(driver.getWindowHandle());
        driver.close();
        driver.switchTo().window(left.get(0));
    }

    void click(String id) {
        driver.findElement(By.id(id)).click();
    }

    String text(String id) {
        return driver.findElement(By.id(id)).getText();
    }

    int number(String id) {
        return Integer.parseInt(text(id));
    }

    void awaitText(String id, String text) {
        new WebDriverWait(driver, PATIENCE)
                .withMessage(() -> "#" + id + " to say '" + text + "' instead of '" + text(id) + "'")
                .until(page -> text(id).contains(text));
    }

    void awaitNumber(String id, int atLeast) {
        new WebDriverWait(driver, PATIENCE)
                .withMessage(() -> "#" + id + " to be at least " + atLeast + " instead of " + text(id))
                .until(page -> number(id) >= atLeast);
    }

    /** Waits until the chart has a bar for requests of that outcome. */
    void awaitBar(String outcome) {
        By bar = By.cssSelector("#chart rect." + outcome + "[height]:not([height='0'])");
        new WebDriverWait(driver, PATIENCE)
                .until(page -> !page.findElements(bar).isEmpty());
    }

    /** Presses keys, one after the other, wherever the focus is. */
    void press(Keys... keys) {
        new Actions(driver).sendKeys(keys).perform();
    }

    /** The id of the element that has the focus. */
    String focused() {
        return String.valueOf(driver.switchTo().activeElement().getDomAttribute("id"));
    }

    /** What the browser and the scripts of the page complained about. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(Object::toString)
                .toList();
    }

    @Override
    public void close() {
        driver.quit();
    }
}
